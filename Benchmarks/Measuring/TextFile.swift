#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Small files, read and written whole. Everything here blocks the calling thread.
package enum TextFile {
    /// The file's text, or `nil` when it can't be read.
    package static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = chunk.withUnsafeMutableBytes { Self.read(descriptor, $0) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return String(decoding: text, as: UTF8.self) }
            text.append(contentsOf: chunk[..<count])
        }
    }

    /// Writes `text` in place of whatever is there.
    package static func write(_ text: String, to path: String, mode: UInt32 = 0o600) throws(BenchmarkError) {
        try put(text, into: path, O_TRUNC, mode)
    }

    /// Writes `text` behind what is there.
    package static func append(_ text: String, to path: String) throws(BenchmarkError) {
        try put(text, into: path, O_APPEND, 0o600)
    }

    private static func put(_ text: String, into path: String, _ flag: Int32, _ mode: UInt32) throws(BenchmarkError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flag, mode_t(mode))
        guard descriptor >= 0 else { throw BenchmarkError(.systemCall, "\(path) can't be written (errno \(errno)).") }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Self.write(descriptor, $0) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw BenchmarkError(.systemCall, "\(path) can't be written (errno \(errno)).") }
            rest = rest.dropFirst(count)
        }
    }

    /// Writes `text` beside the file and renames it into place, as careful programs do.
    package static func replace(_ path: String, with text: String) throws(BenchmarkError) {
        let beside = path + ".tmp"
        try write(text, to: beside)
        guard rename(beside, path) == 0 else {
            throw BenchmarkError(.systemCall, "\(path) can't be replaced (errno \(errno)).")
        }
    }

    /// Makes a directory with all that are missing above it.
    package static func makeDirectory(_ path: String) throws(BenchmarkError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw BenchmarkError(.systemCall, "\(path) can't be made (errno \(errno)).")
        }
        try makeDirectory(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw BenchmarkError(.systemCall, "\(path) can't be made (errno \(errno)).")
        }
    }

    private static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        #else
        Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }

    private static func write(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, buffer.baseAddress, buffer.count)
        #else
        Darwin.write(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }
}
