#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Calls on open files whose C names our own methods would hide. Interrupted calls are repeated.
enum Descriptor {
    /// Opens `path` without making it.
    static func open(_ path: String, _ flags: Int32) -> Int32 {
        #if canImport(Glibc)
        Glibc.open(path, flags)
        #else
        Darwin.open(path, flags)
        #endif
    }

    /// Closes, and is done with it: after an interrupted close the descriptor is gone too.
    static func close(_ descriptor: Int32) {
        #if canImport(Glibc)
        _ = Glibc.close(descriptor)
        #else
        _ = Darwin.close(descriptor)
        #endif
    }

    /// Reads once, at most `maximum` bytes; an empty result is the end.
    ///
    /// - Throws: `EAGAIN` as it came, for whoever polls.
    static func read(_ descriptor: Int32, maximum: Int) throws(ErrorNumber) -> [UInt8] {
        while true {
            var failure: ErrorNumber?
            let bytes = [UInt8](unsafeUninitializedCapacity: maximum) { buffer, count in
                #if canImport(Glibc)
                let result = Glibc.read(descriptor, buffer.baseAddress, maximum)
                #else
                let result = Darwin.read(descriptor, buffer.baseAddress, maximum)
                #endif
                if result < 0 { failure = .current }
                count = max(result, 0)
            }
            guard let failure else { return bytes }
            if failure.rawValue != EINTR { throw failure }
        }
    }

    /// Writes once and returns how many bytes were taken.
    static func write(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) throws(ErrorNumber) -> Int {
        while true {
            let result = bytes.withUnsafeBytes { buffer in
                #if canImport(Glibc)
                Glibc.write(descriptor, buffer.baseAddress, buffer.count)
                #else
                Darwin.write(descriptor, buffer.baseAddress, buffer.count)
                #endif
            }
            if result >= 0 { return result }
            let failure = ErrorNumber.current
            if failure.rawValue != EINTR { throw failure }
        }
    }

    /// Writes everything to a descriptor that blocks.
    static func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) throws(ErrorNumber) {
        var rest = bytes[...]
        while !rest.isEmpty { rest = rest.dropFirst(try write(descriptor, rest)) }
    }
}
