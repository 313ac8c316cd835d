import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaCredentials

/// Damages what is read, in every place and at random, and expects answers that are no crash and show no secret.
struct DamageTests {
    private static let store = """
        {"version":1,"profiles":{"a:1":{"type":"oauth","provider":"a","access":"CANARY1","refresh":"CANARY2",
        "expires":1790000000000,"metadata":{"accountId":"x"}},"b:1":{"mode":"apiKey","provider":"b","apiKey":"CANARY3"}},
        "order":{"a":["a:1"]},"usageStats":{"a:1":{"errorCount":2,"failureCounts":{"billing":1}}}}
        """
    private static let hosts = "github.com:\n    user: me\n    oauth_token: CANARY1\n    users:\n        me:\n"
    private static let aws = "[profile a]\nrole_arn = x\nsource_profile = b\n[b]\naws_access_key_id = CANARY1\n"
    private static let helper = #"{"protocolVersion":1,"values":{"a":"CANARY1"},"errors":{"b":{"code":"NOT_FOUND"}}}"#

    private func look(at bytes: [UInt8]) {
        let modified = Timestamp(milliseconds: 0)
        for tool in LoginTool.allCases {
            let outcome = ToolLoginDecoder.decode(tool, bytes: bytes, modified: modified, path: "/fake")
            let shown = "\(String(describing: outcome.problem)) \(String(describing: outcome.content?.fact))"
            #expect(!shown.contains("CANARY"))
        }
        let document = INIDocument(String(decoding: bytes, as: UTF8.self))
        _ = AWSProfiles(config: document, credentials: document).means
        _ = GoogleCredentialsDecoder.decode(bytes, path: "/fake")
        do throws(SecretResolutionError) {
            _ = try SecretHelperProtocol.decode(bytes, ids: ["a", "b"], acceptsPlainText: false)
        } catch {
            let shown = "\(error)"
            #expect(!shown.contains("CANARY"))
        }
        do throws(JSONError) {
            guard let members = try JSONValue.parse(bytes).object else { return }
            let document = CredentialStoreDocument(profiles: members, state: members, origin: .profiles, path: "/fake")
            let shown = "\(document.fact(markers: []))"
            #expect(!shown.contains("CANARY"))
        } catch {
            let shown = "\(SourceProblem.malformed(error, what: "x", path: "/fake", remedy: "y"))"
            #expect(!shown.contains("CANARY"))
        }
    }

    @Test(arguments: [store, hosts, aws, helper])
    func halfWrittenFilesAreReported(text: String) {
        for length in 0...text.utf8.count { look(at: Array(text.utf8.prefix(length))) }
    }

    @Test(arguments: [store, hosts, aws, helper])
    func randomDamageIsSurvived(text: String) {
        var state: UInt64 = 88_172_645_463_325_252
        func next(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        let original = Array(text.utf8)
        for _ in 0..<1500 {
            var bytes = original
            for _ in 0...next(4) {
                let place = next(bytes.count)
                switch next(4) {
                case 0: bytes[place] = UInt8(next(256))
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: Array("{}[]\",:\\0-.e\n\u{0}".utf8).pickingOne(next), at: place)
                default: bytes.replaceSubrange(place..<min(place + 9, bytes.count), with: Array("null".utf8))
                }
                if bytes.isEmpty { bytes = [0x7B] }
            }
            look(at: bytes)
        }
    }

    @Test func aStoreThatIsCutAnywhereIsReportedOrRead() throws {
        let scratch = try ScratchDirectory(isInMemory: true)
        let files = CredentialStoreFiles(StoreID(scratch.path("agent")))
        for length in 0..<Self.store.utf8.count {
            try scratch.write(Array(Self.store.utf8.prefix(length)), to: "agent/auth-profiles.json")
            let problem = try #require(BlockingContext.permit { CredentialStoreLoader().load(files) }.problem)
            #expect(problem.code == .malformed)
        }
    }
}

extension [UInt8] {
    /// One element, picked by `next`.
    fileprivate func pickingOne(_ next: (Int) -> Int) -> [UInt8] { [self[next(count)]] }
}
