import AlulaInference

/// The test model's vectors: the same words give the same vector, and texts that share words lie near each other.
enum EchoVectors {
    /// The length of a vector when nobody says.
    static let standardLength = 64
    static let maximumLength = 4096
    /// How many numbers of a vector a word has a part in.
    private static let share = 8

    /// Takes time that grows with the inputs and their vectors.
    ///
    /// - Throws: ``AttemptFailure`` for vectors that are too long.
    static func answer(_ request: EmbeddingRequest) throws(AttemptFailure) -> EmbeddingAnswer {
        let length = request.dimensions ?? standardLength
        guard length <= maximumLength else {
            throw AttemptFailure(
                judgement: .refusedInput, message: "The test model's `dimensions` are at most \(maximumLength).",
                status: 400, parameter: "dimensions")
        }
        let inputs: [[String]]
        var tokens = 0
        switch request.input {
        case .texts(let texts):
            inputs = texts.map { text in
                tokens += (text.utf8.count + 3) / 4
                return text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
            }
        case .tokens(let lists):
            inputs = lists.map { $0.map(String.init) }
            tokens = lists.reduce(0) { $0 + $1.count }
        }
        return EmbeddingAnswer(inputs.compactMap { vector(of: $0, length: length) }, inputTokens: tokens)
    }

    /// The sum of the words' directions, of length 1; nothing but white space has a direction too.
    private static func vector(of words: [String], length: Int) -> EmbeddingVector? {
        var sum = [Float](repeating: 0, count: length)
        for word in words.isEmpty ? [""] : words {
            var state = seed(of: word)
            for _ in 0..<share {
                let number = next(&state)
                sum[Int(number >> 1) % length] += number & 1 == 0 ? 1 : -1
            }
        }
        // Words that cancel each other out have one as well.
        let size = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        if size > 0 { sum = sum.map { $0 / size } } else { sum[0] = 1 }
        return EmbeddingVector(sum)
    }

    /// FNV-1a, which is the same in every process.
    private static func seed(of word: String) -> UInt64 {
        word.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// The next number of a word, by SplitMix64.
    private static func next(_ state: inout UInt64) -> UInt32 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return UInt32(truncatingIfNeeded: mixed)
    }
}
