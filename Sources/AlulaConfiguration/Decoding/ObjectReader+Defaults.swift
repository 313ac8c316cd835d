import AlulaJSON
import AlulaPrimitives

/// The same values with what counts where they are absent or wrong, so that the schema knows it too.
extension ObjectReader {
    /// True or false.
    func flag(_ key: String, default standard: Bool) -> Bool {
        note(default: .bool(standard), key)
        return flag(key) ?? standard
    }

    /// A whole number within `range`.
    func integer(_ key: String, in range: ClosedRange<Int>, default standard: Int) -> Int {
        note(default: .number(standard), key)
        return integer(key, in: range) ?? standard
    }

    /// A finite number within `range`.
    func number(_ key: String, in range: ClosedRange<Double>, default standard: Double) -> Double {
        note(default: .number(standard), key)
        return number(key, in: range) ?? standard
    }

    /// A whole number of milliseconds.
    func milliseconds(_ key: String, in range: ClosedRange<Int>, default standard: Duration) -> Duration {
        note(default: .number(Self.milliseconds(of: standard)), key)
        return milliseconds(key, in: range) ?? standard
    }

    /// A whole number of bytes.
    func bytes(_ key: String, in range: ClosedRange<Int>, default standard: ByteCount) -> ByteCount {
        note(default: .number(standard.bytes), key)
        return integer(key, in: range).map { ByteCount(bytes: $0) } ?? standard
    }

    /// A number of units of so many seconds each.
    func duration(
        _ key: String, unitSeconds: Int, in range: ClosedRange<Double>, default standard: Duration
    ) -> Duration {
        note(default: .number(Self.milliseconds(of: standard) / 1000 / unitSeconds), key)
        return number(key, in: range).map { .seconds($0 * Double(unitSeconds)) } ?? standard
    }

    /// One word of a closed set.
    func choice<Word: RawRepresentable<String> & CaseIterable>(
        _ key: String, as words: Word.Type, default standard: Word
    ) -> Word {
        note(default: .string(standard.rawValue), key)
        return choice(key, as: words) ?? standard
    }

    /// A list of texts.
    func texts(_ key: String, default standard: [String]) -> [String] {
        note(default: .array(standard.map { .string($0) }), key)
        return texts(key) ?? standard
    }

    private func note(default value: @autoclosure () -> JSONValue, _ key: String) {
        recorder?.note(default: value(), at: path.appending(key))
    }

    private static func milliseconds(of duration: Duration) -> Int {
        Int(duration.components.seconds) * 1000 + Int(duration.components.attoseconds / 1_000_000_000_000_000)
    }
}
