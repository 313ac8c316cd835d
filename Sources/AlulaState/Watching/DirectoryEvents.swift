import AlulaSystem
import CAlulaShims

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What happened in a watched directory.
struct DirectoryEvent: Sendable {
    /// What an event is about.
    enum Kind: Sendable {
        /// The content or rights of something with a name.
        case content
        /// A name came, went, or stands for something else now.
        case name
        /// The directory itself went or moved.
        case directoryGone
        /// So much happened that events were lost.
        case overflow
    }

    /// The number that ``DirectoryEvents/watch(_:)`` gave the directory.
    let watch: Int32
    let kind: Kind
    /// The name in the directory; empty when the event is about the directory itself.
    let name: String
}

/// Whether a directory can tell about changes.
enum WatchVerdict: Hashable, Sendable {
    /// It does from now on, by this number. A directory has one number, however it is spelled.
    case watched(Int32)
    /// It isn't there, or is none.
    case missing
    /// It can't: no more watches, no right, or a file system that doesn't see everybody's writes.
    case unwatchable
}

#if os(Linux)
/// The kernel's inotify, with a way to wake its reader.
final class DirectoryEvents: Sendable {
    private static let mask =
        IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF
        | IN_MOVE_SELF | IN_ONLYDIR

    private let descriptor: Int32
    private let wakeup: (read: Int32, write: Int32)

    /// `nil` where the system has no more instances.
    init?() {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        var ends: [Int32] = [-1, -1]
        guard alula_pipe(&ends) == 0 else {
            close(descriptor)
            return nil
        }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        self.descriptor = descriptor
        wakeup = (ends[0], ends[1])
    }

    deinit {
        for end in [descriptor, wakeup.read, wakeup.write] { close(end) }
    }

    /// Watches `directory`, again if it was watched. Blocks the calling thread.
    func watch(_ directory: String) -> WatchVerdict {
        BlockingContext.assertAllowed()
        if Self.hidesForeignWrites(directory) { return .unwatchable }
        let watch = inotify_add_watch(descriptor, directory, UInt32(Self.mask))
        if watch >= 0 { return .watched(watch) }
        return errno == ENOENT || errno == ENOTDIR ? .missing : .unwatchable
    }

    /// Ends a watch; nothing happens when it has ended by itself.
    func end(_ watch: Int32) { inotify_rm_watch(descriptor, watch) }

    /// Makes the reader come back for good.
    func wake() { _ = write(wakeup.write, [0], 1) }

    /// Waits for events; `nil` after ``wake()`` or when the kernel gives none any more. Blocks the calling thread.
    func read() -> [DirectoryEvent]? {
        BlockingContext.assertAllowed()
        while true {
            var items = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wakeup.read, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&items, 2, -1) >= 0 || errno == EINTR else { return nil }
            if items[1].revents != 0 { return nil }
            let events = withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 8) {
                buffer -> [DirectoryEvent]? in
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) ? [] : nil }
                return Self.decode(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
            guard let events else { return nil }
            if !events.isEmpty { return events }
        }
    }

    private static func decode(_ bytes: UnsafeRawBufferPointer) -> [DirectoryEvent] {
        let header = MemoryLayout<inotify_event>.size
        var events: [DirectoryEvent] = []
        var offset = 0
        while offset + header <= bytes.count {
            let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            let end = min(offset + header + Int(event.len), bytes.count)
            let name = String(decoding: bytes[(offset + header)..<end].prefix { $0 != 0 }, as: UTF8.self)
            events.append(DirectoryEvent(watch: event.wd, kind: kind(event.mask), name: name))
            offset = end
        }
        return events
    }

    private static func kind(_ mask: UInt32) -> DirectoryEvent.Kind {
        func has(_ bits: Int32) -> Bool { mask & UInt32(bits) != 0 }
        if has(Int32(IN_Q_OVERFLOW)) { return .overflow }
        if has(Int32(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) { return .directoryGone }
        return has(Int32(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)) ? .name : .content
    }

    /// File systems on which writes made elsewhere raise no events here.
    private static func hidesForeignWrites(_ directory: String) -> Bool {
        foreign.contains(alula_file_system_type(directory) & 0xFFFF_FFFF)
    }

    /// NFS, SMB, CIFS, SMB2, FUSE (and virtiofs), 9P, AFS (both), Ceph, Coda, VirtualBox, VMware, Parallels, GPFS, Lustre,
    /// OCFS2, GFS2.
    private static let foreign: Set<Int64> = [
        0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x6573_5546, 0x0102_1997, 0x5346_414F, 0x6B41_4653, 0x00C3_6400,
        0x7375_7245, 0x786F_4256, 0xBACB_ACBC, 0x7C7C_6673, 0x4750_4653, 0x0BD0_0BD0, 0x7461_636F, 0x0116_1970,
    ]
}
#else
/// Other systems have no such events here; files are polled.
final class DirectoryEvents: Sendable {
    init?() { return nil }
    func watch(_ directory: String) -> WatchVerdict { .unwatchable }
    func end(_ watch: Int32) {}
    func wake() {}
    func read() -> [DirectoryEvent]? { nil }
}
#endif
