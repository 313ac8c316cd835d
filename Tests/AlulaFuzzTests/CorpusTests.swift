import AlulaFuzzTargets
import AlulaPrimitives
import AlulaSystem
import Testing

/// Replays what libFuzzer found, so that no property that held once breaks unseen.
struct CorpusTests {
    private static let root = PathText.normalised("../../../Fuzz", in: #filePath)

    @Test(arguments: FuzzTarget.all.map(\.name))
    func everyKeptInputKeepsItsProperties(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let inputs = try Self.inputs("Corpus/\(name)") + Self.inputs("Regressions/\(name)")
        #expect(!inputs.isEmpty, "the target has no corpus")
        for (path, bytes) in inputs {
            do { try target.run(bytes) } catch { Issue.record("\(path): \(error)") }
        }
    }

    @Test func everyTargetHasAnEmptyInput() throws {
        for target in FuzzTarget.all { try target.run([]) }
    }

    @Test func everyCorpusHasATarget() throws {
        let names = try BlockingContext.permit { try Directory.list("\(Self.root)/Corpus").map(\.name) }
        #expect(Set(names) == Set(FuzzTarget.all.map(\.name)))
    }

    private static func inputs(_ place: String) throws -> [(String, [UInt8])] {
        let directory = "\(root)/\(place)"
        return try BlockingContext.permit {
            guard try FileIdentity.ofExisting(directory) != nil else { return [] }
            return try Directory.list(directory).map(\.name).sorted().map { name in
                (name, try FileReader.read("\(directory)/\(name)", maximum: .mebibytes(1)).bytes)
            }
        }
    }
}
