/// Names for tool calls to which their provider gives none.
///
/// The same call of the same answer has the same name wherever it is read; calls of other answers have others, as far as
/// their answers differ.
enum CallIdentity {
    /// - Parameters:
    ///   - answer: The provider's name for the answer, or the time at which it began; empty when it says neither.
    ///   - place: Of the call among all calls of the answer.
    static func make(answer: String, place: Int, name: String, arguments: String) -> String {
        // FNV-1a, which is the same in every process.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in [answer, String(place), name, arguments] {
            for byte in Array(part.utf8) + [0] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        let digits = String(hash, radix: 16)
        return "call_" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
