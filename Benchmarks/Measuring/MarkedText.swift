/// The part of a page between `<!-- NAME:begin -->` and `<!-- NAME:end -->`.
package enum MarkedText {
    /// Puts `text` there.
    package static func replace(_ name: String, in path: String, with text: String) throws(BenchmarkError) {
        let (begin, end) = ("<!-- \(name):begin -->\n", "<!-- \(name):end -->")
        let parts = TextFile.read(path)?.split(separator: begin, omittingEmptySubsequences: false) ?? []
        let rest = parts.last?.split(separator: end, maxSplits: 1, omittingEmptySubsequences: false) ?? []
        guard parts.count == 2, rest.count == 2 else {
            throw BenchmarkError(.malformedAnswer, "\(path) has no place for \(name).")
        }
        try TextFile.write("\(parts[0])\(begin)\(text)\(end)\(rest[1])", to: path, mode: 0o644)
    }
}
