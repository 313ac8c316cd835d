import AlulaPrimitives
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The last lines of the log file, kept so that many readers cost one: a refresh reads what is new and nothing else.
///
/// A reader asks for at most ``capacity`` bytes, so whatever it may be told is in here.
struct LogWindow: Sendable {
    /// Bytes of the file that are held at most.
    static let capacity = 1_000_000

    /// One whole line, without what looks like a secret.
    struct Line: Sendable {
        /// Where it begins in the file.
        let start: Int64
        let text: String
    }

    /// Which file this is; a file that takes the name of another is told apart by it.
    struct FileKey: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
    }

    let path: String
    /// `nil` while there is no file.
    private(set) var file: FileKey?
    /// Bytes of the file at the last look.
    private(set) var size: Int64 = 0
    /// Where the first line that is held begins.
    private(set) var start: Int64 = 0
    /// Where the last whole line ends.
    private(set) var end: Int64 = 0
    private(set) var lines: [Line] = []

    init(path: String) { self.path = path }

    /// Reads what was added since the last time. Another file under the name, or a shorter one, is read anew. Blocks the
    /// calling thread.
    mutating func refresh(_ redactor: LogRedactor) throws(SystemError) {
        guard let opened = try OpenLog(path) else {
            self = LogWindow(path: path)
            return
        }
        let key = FileKey(device: opened.device, inode: opened.inode)
        if key != file || opened.size < end || opened.size - end > Self.capacity {
            self = LogWindow(path: path)
            file = key
            start = max(0, opened.size - Int64(Self.capacity))
            end = start
            // A byte more tells whether a line begins exactly there.
            if start > 0 {
                let bytes = try opened.read(from: start - 1, to: opened.size)
                let lineStart = bytes.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
                start += Int64(lineStart - 1)
                end = start
                take(bytes[lineStart...], redactor)
                size = opened.size
                return
            }
        }
        size = opened.size
        guard size > end else { return }
        take(try opened.read(from: end, to: size)[...], redactor)
    }

    /// Takes the whole lines out of what follows ``end``.
    private mutating func take(_ bytes: ArraySlice<UInt8>, _ redactor: LogRedactor) {
        var rest = bytes
        while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let text = rest[rest.startIndex..<newline]
            if !text.isEmpty {
                lines.append(Line(start: end, text: redactor.redacted(String(decoding: text, as: UTF8.self))))
            }
            end += Int64(newline + 1 - rest.startIndex)
            rest = rest[(newline + 1)...]
        }
        // No line of a log is as long as all that is held: it is passed over, so that readers get on.
        if rest.count >= Self.capacity { end += Int64(rest.count) }
        let oldest = end - Int64(Self.capacity)
        guard start < oldest else { return }
        let kept = lines.partitioningIndex { $0.start >= oldest }
        lines.removeFirst(kept)
        start = lines.first?.start ?? end
    }
}

/// An open log file.
private struct OpenLog: ~Copyable {
    let size: Int64
    let device: UInt64
    let inode: UInt64
    private let descriptor: Int32

    /// `nil` when there is no file.
    init?(_ path: String) throws(SystemError) {
        BlockingContext.assertAllowed()
        descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw SystemError(.current, while: "open the log file")
        }
        var found = stat()
        guard fstat(descriptor, &found) == 0, found.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw SystemError(.isDevice, "The log file is no regular file.")
        }
        size = Int64(found.st_size)
        device = UInt64(truncatingIfNeeded: found.st_dev)
        inode = UInt64(found.st_ino)
    }

    deinit { close(descriptor) }

    /// The bytes between two places, or fewer when the file was cut meanwhile.
    func read(from start: Int64, to end: Int64) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(end - start))
        while start + Int64(bytes.count) < end {
            let room = Int(end - start) - bytes.count
            var failure: ErrorNumber?
            let place = off_t(start) + off_t(bytes.count)
            let piece = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                let result = pread(descriptor, buffer.baseAddress, room, place)
                if result < 0 { failure = .current }
                count = max(result, 0)
            }
            if let failure {
                if failure.rawValue == EINTR { continue }
                throw SystemError(failure, while: "read the log file")
            }
            if piece.isEmpty { break }
            if bytes.isEmpty { bytes = piece } else { bytes += piece }
        }
        return bytes
    }
}

extension Array {
    /// The first place from which on `belongs` holds, in an array that is sorted by it.
    func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongs(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
