import AlulaInference
import AlulaJSON
import Testing

struct EmbeddingVectorTests {
    /// As `numpy.array([0.1, -2.5, 3e-8, 1], dtype="<f4").tobytes()` in base 64.
    private static let text = "zczMPQAAIMBZ2QAzAACAPw=="
    private static let values: [Float] = [0.1, -2.5, 3e-8, 1]

    @Test func readsAndWritesBothForms() throws {
        let vector = try #require(EmbeddingVector(Self.values))
        #expect(vector.base64 == Self.text)
        #expect(EmbeddingVector(.string(Self.text)) == vector)
        // In as few digits as tell a number from its neighbours, however many came.
        let array: JSONValue = [0.100000001490116, -2.5, 3e-8, 1]
        #expect(EmbeddingVector(array) == vector)
        #expect(vector.array == [0.1, -2.5, 3e-08, 1])
    }

    @Test func everyPatternComesBack() throws {
        var state: UInt32 = 7
        for length in 1...200 {
            let values = (0..<length).map { _ -> Float in
                state = state &* 1_664_525 &+ 1_013_904_223
                let value = Float(bitPattern: state)
                return value.isFinite ? value : 0
            }
            let vector = try #require(EmbeddingVector(values))
            #expect(EmbeddingVector(.string(vector.base64)) == vector)
            #expect(EmbeddingVector(try JSONValue.parse(vector.array.serialized(.compact))) == vector)
        }
    }

    @Test(
        arguments: [
            nil, .null, 1, "", "zczMP", "zczMPQA=", "not base 64 at all", [], [1, "2"], [1, .null],
            // Not finite: an infinity, and a number that 32 bits do not hold.
            "AACAfw==", [1e39], ["x"],
        ] as [JSONValue?]) func whatIsNoVectorIsRefused(_ value: JSONValue?)
    {
        #expect(EmbeddingVector(value) == nil)
    }

    @Test func aVectorHasABound() {
        #expect(EmbeddingVector([Float](repeating: 0, count: EmbeddingVector.maximumLength)) != nil)
        #expect(EmbeddingVector([Float](repeating: 0, count: EmbeddingVector.maximumLength + 1)) == nil)
        #expect(EmbeddingVector([.nan]) == nil)
    }

    @Test func whatIsSpelledOutAndNotWantedIsNoObstacle() {
        var request = EmbeddingRequest(model: "m", input: .texts(["a"]))
        let spelledOut: JSONValue = ["a": false, "b": "", "c": []]
        request.extras = spelledOut.object ?? JSONObject()
        #expect(request.unsayableMember == nil)
        request.extras["input_type"] = "query"
        #expect(request.unsayableMember == "input_type")
    }
}
