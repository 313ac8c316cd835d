import AlulaSystem
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A program that edits the configuration without knowing of any lock, and knows what it must find there.
///
/// It counts up `outside`. Whoever else edits counts up `gateway.port`, and says so with ``acknowledged(_:since:)``.
final class OutsideEditor: Sendable {
    /// How a text gets into the file.
    enum Manner: CaseIterable, Sendable {
        /// A file beside it and a rename.
        case rename
        /// Emptied and written again.
        case inPlace
        /// Emptied, and the second half of the text comes later.
        case inHalves
        /// A rename that puts a text there which is no JSON5.
        case broken
    }

    private struct Book {
        var count = 0
        /// How many texts were written, to tell what came before and after one.
        var writes = 0
        /// What the last text said, and what was acknowledged to others since it was written.
        var port: Int
        var lastText: String
    }

    private let path: String
    private let book: Mutex<Book>

    init(_ path: String, text: String, port: Int) {
        self.path = path
        book = Mutex(Book(port: port, lastText: text))
    }

    var writes: Int { book.withLock { $0.writes } }
    var count: Int { book.withLock { $0.count } }
    /// The lowest port that the file may say now.
    var leastPort: Int { book.withLock { $0.port } }

    /// Notes an edit of others that was begun after `writes` texts and has been acknowledged. What this program wrote
    /// meanwhile may have been laid over it.
    func acknowledged(_ port: Int, since writes: Int) {
        book.withLock { book in
            if book.writes == writes { book.port = max(book.port, port) }
        }
    }

    /// One edit. Blocks the calling thread.
    func edit(_ manner: Manner, between: () -> Void = {}) throws {
        var text = try read()
        try expectNothingLost(in: text)
        let next = book.withLock { $0.count + 1 }
        // Mends what it broke itself.
        if !text.hasSuffix("}\n") { text += "}\n" }
        text = try replacing("outside: ", by: next, in: text)
        switch manner {
        case .rename: try rename(text)
        case .inPlace: try write(text, between: {})
        case .inHalves: try write(text, between: between)
        case .broken: try rename(String(text.dropLast(2)))
        }
        let port = try number(after: "port: ", in: text)
        book.withLock { book in
            book.count = next
            book.writes += 1
            book.port = port
            book.lastText = text
        }
    }

    /// Checks that nothing of this program's is gone from the file, and nothing that was acknowledged to others.
    func expectNothingLost(in text: String) throws {
        let (count, port) = book.withLock { ($0.count, $0.port) }
        #expect(try number(after: "outside: ", in: text) == count, "\(text)")
        #expect(try number(after: "port: ", in: text) >= port, "\(text)")
        #expect(text.hasPrefix("// Kept by hand.\n"))
    }

    func read() throws -> String {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    // MARK: Texts

    private func number(after key: String, in text: String) throws -> Int {
        let range = try #require(text.firstRange(of: key), "\(text)")
        return try #require(Int(text[range.upperBound...].prefix { $0.isNumber }))
    }

    private func replacing(_ key: String, by number: Int, in text: String) throws -> String {
        let range = try #require(text.firstRange(of: key))
        let rest = text[range.upperBound...].drop { $0.isNumber }
        return text[..<range.upperBound] + "\(number)" + rest
    }

    private func rename(_ text: String) throws {
        let aside = path + ".outside"
        let file = try #require(fopen(aside, "w"))
        fputs(text, file)
        fclose(file)
        #expect(Glibc.rename(aside, path) == 0)
    }

    private func write(_ text: String, between: () -> Void) throws {
        let descriptor = open(path, O_WRONLY | O_TRUNC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        let half = bytes.count / 2
        #expect(Glibc.write(descriptor, bytes, half) == half)
        between()
        #expect(Glibc.write(descriptor, Array(bytes[half...]), bytes.count - half) == bytes.count - half)
    }
}
