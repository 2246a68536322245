/// The Adler-32 checksum of some bytes.
///
/// # Safety
///
/// `data` points to `length` readable bytes.
#[no_mangle]
pub unsafe extern "C" fn checksum_adler32(data: *const u8, length: usize) -> u32 {
    // Safety: the caller's promise.
    let bytes = unsafe { std::slice::from_raw_parts(data, length) };
    let (low, high) = bytes.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}
