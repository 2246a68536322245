"""The pure part: values and decisions. Nothing here touches a process, a file or the environment."""
