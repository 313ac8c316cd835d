#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What clients and the provider of a measurement say to each other, so that both know what is right.
package enum ChatWords {
    /// The provider's key. Visibly none of a real provider.
    package static let upstreamKey = "sk-fake-benchmark-upstream"

    /// What an answer begins with.
    package static func answer(to question: String) -> String { "Answer to \(question)." }

    /// A word of a stream: which one it is, and when the provider sent it.
    package static func word(_ place: Int, at time: MonotonicTime) -> String { " \(place)@\(time.nanoseconds)" }

    /// Takes such a word apart.
    package static func parts(ofWord text: Substring) -> (place: Int, sentAt: MonotonicTime)? {
        let parts = text.drop { $0 == " " }.split(separator: "@")
        guard parts.count == 2, let place = Int(parts[0]), let time = Int64(parts[1]) else { return nil }
        return (place, MonotonicTime(nanoseconds: time))
    }

    /// The text of the last message in a request's body, which has nothing in it that JSON would escape.
    package static func question(in body: some Collection<UInt8>) -> String? {
        let found = body.withContiguousStorageIfAvailable { bytes -> String? in
            var start: Int?
            while let next = find(contentLabel, in: bytes, from: start ?? 0) { start = next }
            return start.map { text(in: bytes, from: $0) }
        }
        return found ?? nil
    }

    /// The text after the first `"content":` in an answer or a piece of one.
    package static func content(in bytes: [UInt8]) -> Substring? {
        bytes.withUnsafeBufferPointer { bytes in
            find(contentLabel, in: bytes, from: 0).map { Substring(text(in: bytes, from: $0)) }
        }
    }

    private static let contentLabel = Array(#""content":"#.utf8)

    /// The string that begins at or after `start`, without its quotation marks.
    private static func text(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> String {
        guard let open = bytes[start...].firstIndex(of: UInt8(ascii: "\"")) else { return "" }
        let rest = bytes[(open + 1)...]
        return String(decoding: rest.prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }

    /// The place after the first `label`.
    private static func find(_ label: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var place = start
        while place + label.count <= bytes.count, let base = bytes.baseAddress {
            guard let hit = memchr(base + place, Int32(label[0]), bytes.count - place - label.count + 1) else {
                return nil
            }
            place = UnsafeRawPointer(hit) - UnsafeRawPointer(base)
            if memcmp(hit, label, label.count) == 0 { return place + label.count }
            place += 1
        }
        return nil
    }
}
