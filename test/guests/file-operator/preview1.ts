// The raw preview1 calls that the file operator makes. Nothing stands between it and the host: no libc cleans a path.

@external('wasi_snapshot_preview1', 'fd_read')
export declare function fd_read(fd: i32, iovs: usize, count: i32, read: usize): i32
@external('wasi_snapshot_preview1', 'fd_pread')
export declare function fd_pread(fd: i32, iovs: usize, count: i32, offset: u64, read: usize): i32
@external('wasi_snapshot_preview1', 'fd_write')
export declare function fd_write(fd: i32, iovs: usize, count: i32, written: usize): i32
@external('wasi_snapshot_preview1', 'fd_pwrite')
export declare function fd_pwrite(fd: i32, iovs: usize, count: i32, offset: u64, written: usize): i32
@external('wasi_snapshot_preview1', 'fd_close')
export declare function fd_close(fd: i32): i32
@external('wasi_snapshot_preview1', 'fd_seek')
export declare function fd_seek(fd: i32, offset: i64, whence: i32, position: usize): i32
@external('wasi_snapshot_preview1', 'fd_fdstat_get')
export declare function fd_fdstat_get(fd: i32, stat: usize): i32
@external('wasi_snapshot_preview1', 'fd_fdstat_set_flags')
export declare function fd_fdstat_set_flags(fd: i32, flags: i32): i32
@external('wasi_snapshot_preview1', 'fd_filestat_get')
export declare function fd_filestat_get(fd: i32, stat: usize): i32
@external('wasi_snapshot_preview1', 'fd_filestat_set_size')
export declare function fd_filestat_set_size(fd: i32, size: u64): i32
@external('wasi_snapshot_preview1', 'fd_filestat_set_times')
export declare function fd_filestat_set_times(fd: i32, atim: u64, mtim: u64, flags: i32): i32
@external('wasi_snapshot_preview1', 'fd_advise')
export declare function fd_advise(fd: i32, offset: u64, length: u64, advice: i32): i32
@external('wasi_snapshot_preview1', 'fd_allocate')
export declare function fd_allocate(fd: i32, offset: u64, length: u64): i32
@external('wasi_snapshot_preview1', 'fd_sync')
export declare function fd_sync(fd: i32): i32
@external('wasi_snapshot_preview1', 'fd_datasync')
export declare function fd_datasync(fd: i32): i32
@external('wasi_snapshot_preview1', 'fd_readdir')
export declare function fd_readdir(fd: i32, buffer: usize, length: i32, cookie: u64, used: usize): i32
@external('wasi_snapshot_preview1', 'fd_renumber')
export declare function fd_renumber(from: i32, to: i32): i32
@external('wasi_snapshot_preview1', 'fd_prestat_get')
export declare function fd_prestat_get(fd: i32, prestat: usize): i32
@external('wasi_snapshot_preview1', 'fd_prestat_dir_name')
export declare function fd_prestat_dir_name(fd: i32, path: usize, length: i32): i32
@external('wasi_snapshot_preview1', 'path_open')
export declare function path_open(
  fd: i32,
  lookup: i32,
  path: usize,
  length: i32,
  oflags: i32,
  rights: u64,
  inheriting: u64,
  fdflags: i32,
  opened: usize,
): i32
@external('wasi_snapshot_preview1', 'path_filestat_get')
export declare function path_filestat_get(fd: i32, lookup: i32, path: usize, length: i32, stat: usize): i32
@external('wasi_snapshot_preview1', 'path_filestat_set_times')
export declare function path_filestat_set_times(
  fd: i32,
  lookup: i32,
  path: usize,
  length: i32,
  atim: u64,
  mtim: u64,
  flags: i32,
): i32
@external('wasi_snapshot_preview1', 'path_readlink')
export declare function path_readlink(
  fd: i32,
  path: usize,
  length: i32,
  buffer: usize,
  bufferLength: i32,
  used: usize,
): i32
@external('wasi_snapshot_preview1', 'path_unlink_file')
export declare function path_unlink_file(fd: i32, path: usize, length: i32): i32
@external('wasi_snapshot_preview1', 'path_create_directory')
export declare function path_create_directory(fd: i32, path: usize, length: i32): i32
@external('wasi_snapshot_preview1', 'path_remove_directory')
export declare function path_remove_directory(fd: i32, path: usize, length: i32): i32
@external('wasi_snapshot_preview1', 'path_rename')
export declare function path_rename(
  fd: i32,
  path: usize,
  length: i32,
  newFd: i32,
  newPath: usize,
  newLength: i32,
): i32
@external('wasi_snapshot_preview1', 'path_symlink')
export declare function path_symlink(target: usize, targetLength: i32, fd: i32, path: usize, length: i32): i32
@external('wasi_snapshot_preview1', 'path_link')
export declare function path_link(
  fd: i32,
  lookup: i32,
  path: usize,
  length: i32,
  newFd: i32,
  newPath: usize,
  newLength: i32,
): i32
@external('wasi_snapshot_preview1', 'clock_time_get')
export declare function clock_time_get(clock: i32, precision: u64, time: usize): i32
@external('wasi_snapshot_preview1', 'poll_oneoff')
export declare function poll_oneoff(subscriptions: usize, events: usize, count: i32, ready: usize): i32
@external('wasi_snapshot_preview1', 'random_get')
export declare function random_get(buffer: usize, length: i32): i32
@external('wasi_snapshot_preview1', 'proc_exit')
export declare function proc_exit(code: i32): void
