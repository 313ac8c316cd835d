import AlulaJSON
import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaProtocol

struct APIKeyBookTests {
    private static func key(_ name: String, _ byte: UInt8, _ limits: APIKeyLimits = APIKeyLimits()) -> APIKey {
        APIKey(
            name: name, digest: [UInt8](repeating: byte, count: 32), createdAt: Timestamp(milliseconds: 5),
            expiresAt: Timestamp(milliseconds: 9), limits: limits)
    }

    @Test func whatIsWrittenReadsBack() throws {
        var book = APIKeyBook()
        let limits = APIKeyLimits(
            models: [try #require(ModelPattern("openai/*")), try #require(ModelPattern("alula/echo"))],
            requestsPerMinute: 20, tokensPerDay: 1_000)
        let (first, second) = (Self.key("b", 1, limits), Self.key("a", 2))
        let didAdd = [book.add(first), book.add(second)]
        #expect(didAdd == [true, true])
        let read = try #require(APIKeyBook(book.bytes))
        #expect(read.keys == [second, first])
        #expect(read[digest: first.digest] == first)
        #expect(read[named: "a"] == second)
        #expect(read.unreadableCount == 0)
    }

    @Test func aNameIsThereOnce() {
        var book = APIKeyBook()
        let didAdd = [book.add(Self.key("a", 1)), book.add(Self.key("a", 2))]
        #expect(didAdd == [true, false])
        let didRemove = [book.remove(named: "a"), book.remove(named: "a")]
        #expect(didRemove == [true, false])
        #expect(book.keys.isEmpty)
        #expect(book[digest: [UInt8](repeating: 1, count: 32)] == nil && book[named: "a"] == nil)
        let next = Self.key("a", 3)
        let didAddAgain = book.add(next)
        #expect(didAddAgain && book[named: "a"] == next)
    }

    /// What has been used is counted by name, so that a name has to mean one key for as long as the file stays the same.
    @Test func aNameThatIsThereTwiceMeansItsFirstEntry() throws {
        let digests = (1...9).map { Base64Text.encoded([UInt8](repeating: $0, count: 32)) }
        let entries = digests.map { #"{"name": "a", "digest": "\#($0)"}"# }
        let text = #"{"version": 1, "keys": [\#(entries.joined(separator: ", "))]}"#
        for _ in 0..<20 {
            let book = try #require(APIKeyBook(Array(text.utf8)))
            #expect(book[named: "a"]?.digest == [UInt8](repeating: 1, count: 32))
            #expect(book.keys.count == 9)
        }
    }

    /// A limit that can't be read must not become no limit.
    @Test(
        arguments: [
            #""models": ["gpt"]"#, #""models": []"#, #""models": "openai/*""#, #""models": [1]"#,
            #""requestsPerMinute": 0"#, #""requestsPerMinute": -1"#, #""requestsPerMinute": "20""#,
            #""requestsPerMinute": 1.5"#, #""requestsPerMinute": 100001"#, #""tokensPerDay": {}"#,
            #""expiresAtMs": "soon""#,
        ])
    func anEntryWhoseLimitsCantBeReadOpensNothing(_ limit: String) throws {
        let text = #"{"version": 1, "keys": [{"name": "a", "digest": "\#(Self.digest)", \#(limit)}]}"#
        var book = try #require(APIKeyBook(Array(text.utf8)))
        #expect(book.keys.isEmpty)
        #expect(book.unreadableCount == 1)
        let didAdd = book.add(Self.key("a", 7))
        #expect(!didAdd, "Its name is taken all the same.")
        _ = book.add(Self.key("b", 7))
        let written = try JSONValue.parse(book.bytes)
        let before = try JSONValue.parse(text)
        #expect(written["keys"]?.array?.first == before["keys"]?.array?.first)
        let didRemove = book.remove(named: "a")
        #expect(didRemove)
        #expect(book.unreadableCount == 0)
    }

    private static let digest = Base64Text.encoded([UInt8](repeating: 3, count: 32))

    @Test(arguments: [#"{"name": "a b"}"#, #"{"name": ""}"#, #"{"digest": "short"}"#, "[]", "7", "null"])
    func whatIsNoKeyIsKeptAndOpensNothing(_ entry: String) throws {
        let book = try #require(APIKeyBook(Array(#"{"version": 1, "keys": [\#(entry)]}"#.utf8)))
        #expect(book.keys.isEmpty)
        let written = try JSONValue.parse(book.bytes)
        let kept = try JSONValue.parse(entry)
        #expect(written["keys"]?.array?.first == kept)
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"version": 2, "keys": []}"#, #"{"version": 1, "keys": {}}"#])
    func whatIsNoFileOfKeysIsNotTakenForAnEmptyOne(_ text: String) {
        #expect(APIKeyBook(Array(text.utf8)) == nil)
    }

    @Test func noFileIsAnEmptyBook() { #expect(APIKeyBook(nil)?.keys.isEmpty == true) }

    @Test(arguments: [("laptop", true), ("a.b-c_1", true), ("", false), ("a b", false), ("ü", false), ("a/b", false)])
    func namesArePlain(_ name: String, _ isName: Bool) {
        #expect(APIKey.isName(name) == isName)
        #expect(!APIKey.isName(String(repeating: "a", count: 65)))
    }

    @Test func aKeyEndsAtItsTime() {
        let key = Self.key("a", 1)
        #expect(!key.hasExpired(at: Timestamp(milliseconds: 8)))
        #expect(key.hasExpired(at: Timestamp(milliseconds: 9)))
    }
}
