package import AlulaMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A FIFO that this process holds open, and reads only when it wants to.
package final class FullPipe {
    /// What it is filled with: a line end, so that it spoils no line of others.
    private static let filling: UInt8 = 0x0A

    private let descriptor: Int32

    /// Makes the FIFO at `path`.
    package init(_ path: String) throws(BenchmarkError) {
        guard mkfifo(path, 0o600) == 0 else {
            throw BenchmarkError(.systemCall, "\(path) can't be made (errno \(errno)).")
        }
        descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw BenchmarkError(.systemCall, "\(path) can't be opened (errno \(errno)).")
        }
    }

    deinit { close(descriptor) }

    /// Takes the last room.
    package func fill() {
        let piece = [UInt8](repeating: Self.filling, count: 4096)
        while write(descriptor, piece, piece.count) > 0 {}
    }

    /// Takes everything out.
    package func drain() -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &piece, piece.count)
            guard count > 0 else { return bytes }
            bytes += piece[..<count]
        }
    }
}
