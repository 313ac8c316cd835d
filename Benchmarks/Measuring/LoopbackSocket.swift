import CBenchmarkShims

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A non-blocking TCP connection to a port of this machine. It is closed when it is let go.
package final class LoopbackSocket {
    /// How a read ended.
    package enum ReadOutcome: Sendable {
        case bytes([UInt8])
        case nothingYet
        case closed
    }

    /// For `poll`.
    package let descriptor: Int32
    private var unsent: ArraySlice<UInt8> = []
    private var isClosed = false

    /// Starts to connect to 127.0.0.1; the outcome shows when the socket becomes writable.
    package init(port: Int) throws(BenchmarkError) {
        #if canImport(Glibc)
        let kind = Int32(SOCK_STREAM.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw BenchmarkError(.systemCall, "No socket could be made (errno \(errno)).") }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var isOn: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard outcome == 0 || errno == EINPROGRESS else {
            let reason = errno
            shut()
            throw BenchmarkError(.refused, "The port can't be reached (errno \(reason)).")
        }
    }

    deinit { shut() }

    /// A port that nothing listens on at the moment.
    package static func freePort() throws(BenchmarkError) -> Int {
        #if canImport(Glibc)
        let kind = Int32(SOCK_STREAM.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw BenchmarkError(.systemCall, "No socket could be made (errno \(errno)).") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard outcome else { throw BenchmarkError(.systemCall, "No port is free (errno \(errno)).") }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    /// Whether bytes wait for room in the kernel's buffer.
    package var hasUnsent: Bool { !unsent.isEmpty }

    /// The error of the connection attempt, or 0.
    package var connectionError: Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code
    }

    /// Sends what the kernel takes and keeps the rest for ``flush()``.
    package func send(_ bytes: [UInt8]) throws(BenchmarkError) {
        unsent.append(contentsOf: bytes)
        try flush()
    }

    /// Goes on sending.
    package func flush() throws(BenchmarkError) {
        while !unsent.isEmpty {
            #if canImport(Glibc)
            let flags = Int32(MSG_NOSIGNAL)
            #else
            let flags: Int32 = 0
            #endif
            let count = unsent.withUnsafeBytes { Self.send(descriptor, $0, flags) }
            if count >= 0 {
                unsent = unsent.dropFirst(count)
            } else if errno == EAGAIN || errno == ENOTCONN || errno == EINPROGRESS {
                return
            } else if errno != EINTR {
                throw BenchmarkError(.connectionClosed, "The connection broke while sending (errno \(errno)).")
            }
        }
    }

    /// Reads what is there.
    package func read() throws(BenchmarkError) -> ReadOutcome {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count > 0 { return .bytes(Array(bytes[..<count])) }
            if count == 0 { return .closed }
            if errno == EAGAIN { return .nothingYet }
            guard errno == EINTR else {
                throw BenchmarkError(.connectionClosed, "The connection broke while reading (errno \(errno)).")
            }
        }
    }

    /// Ends the connection now.
    package func shut() {
        guard !isClosed else { return }
        isClosed = true
        close(descriptor)
    }

    private static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ flags: Int32) -> Int {
        #if canImport(Glibc)
        Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)
        #else
        Darwin.send(descriptor, bytes.baseAddress, bytes.count, flags)
        #endif
    }
}

/// A socket that somebody waits for.
package struct SocketInterest: Sendable {
    package let descriptor: Int32
    /// Whether room for sending counts as news; bytes to read and errors always do.
    package let wantsRoom: Bool
    /// Whether there is news.
    package fileprivate(set) var isReady = false

    /// Interest in nothing, when `descriptor` is negative.
    package init(descriptor: Int32, wantsRoom: Bool = false) {
        self.descriptor = descriptor
        self.wantsRoom = wantsRoom
    }
}

/// Waits for news of any of `interests`, or for the time to pass, and marks those that have news.
///
/// Blocks the calling thread.
package func waitForSockets(_ interests: inout [SocketInterest], until instant: MonotonicTime) {
    var entries = interests.map { interest in
        pollfd(
            fd: interest.descriptor, events: Int16(POLLIN) | (interest.wantsRoom ? Int16(POLLOUT) : 0), revents: 0)
    }
    let left = max(0, instant.nanoseconds - MonotonicTime.now.nanoseconds)
    let count = benchmark_poll(&entries, UInt(entries.count), left)
    for index in interests.indices { interests[index].isReady = count > 0 && entries[index].revents != 0 }
}
