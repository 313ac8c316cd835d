#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A text beside the tests that an output is compared with.
///
/// With `UPDATE_FIXTURES=1` in the environment the text is rewritten instead, and the difference is reviewed.
package struct Fixture: Sendable {
    /// The absolute path.
    package let path: String

    /// - Parameters:
    ///   - name: The file's name in the folder `Fixtures`.
    ///   - target: Another test target whose folder is meant; `nil` means that of the calling file.
    package init(_ name: String, of target: String? = nil, beside file: String = #filePath) {
        var directory = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        if let target { directory = directory.dropLast() + [target[...]] }
        path = (directory + ["Fixtures", name[...]]).joined(separator: "/")
    }

    /// The text, or `nil` when there is no such file. Blocks the calling thread.
    package var text: String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether `output` is the text; rewrites it when that is asked for. Blocks the calling thread.
    package func matches(_ output: String) -> Bool {
        if getenv("UPDATE_FIXTURES").map({ String(cString: $0) }) == "1" { write(output) }
        return text == output
    }

    private func write(_ output: String) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        mkdir(folder, 0o755)
        guard let file = fopen(path, "w") else { return }
        defer { fclose(file) }
        let bytes = Array(output.utf8)
        fwrite(bytes, 1, bytes.count, file)
    }
}
