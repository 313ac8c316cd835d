import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes events to standard error, or to whatever else is open already.
struct LogStream: LogSink {
    private let descriptor: Int32
    private let line: LogLine
    private let style: LogLine.Style

    /// - Parameter descriptor: Where lines go; it stays the caller's.
    init(descriptor: Int32, line: LogLine, style: LogLine.Style = .text) {
        self.descriptor = descriptor
        self.line = line
        self.style = style
    }

    mutating func write(_ entries: [LogEntry], lost: UInt64) -> UInt64 {
        var text = ""
        for entry in entries { text += line.line(entry, style) + "\n" }
        if lost > 0 { text += "(\(lost) log lines were dropped while the log could not be written)\n" }
        write(text)
        return 0
    }

    /// Waits for as long as the other end takes nothing. When there is no other end any more, nothing can be told either.
    private func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { LogDescriptor.write(descriptor, $0) }
            if count < 0 {
                guard errno == EINTR || errno == EAGAIN else { return }
                var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&item, 1, -1)
                continue
            }
            rest = rest.dropFirst(count)
        }
    }
}

/// Calls whose C names methods of ours would hide.
enum LogDescriptor {
    static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    static func close(_ descriptor: Int32) {
        #if canImport(Glibc)
        _ = Glibc.close(descriptor)
        #else
        _ = Darwin.close(descriptor)
        #endif
    }
}
