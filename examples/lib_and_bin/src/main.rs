use std::io::{read_to_string, stdin};

fn main() -> std::io::Result<()> {
    println!("{}", wordcount::count(&read_to_string(stdin())?));
    Ok(())
}
