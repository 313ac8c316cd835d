import AlulaJSON

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Documents of a made-up installation. Every secret is visibly fake.
enum Fixtures {
    static let configuration = """
        {
          // Two agents, a server on this machine, and a provider that is set up by a variable's name.
          agents: { list: [ { id: 'main', default: true }, { id: 'work' } ],
                    defaults: { model: { primary: 'anthropic/claude-sonnet-4-5', fallbacks: ['groq/llama'] } } },
          models: { providers: {
            'my-box': { baseUrl: 'http://127.0.0.1:9/v1', api: 'openai-completions', models: [ { id: 'tiny', name: 'Tiny' } ] },
            mistral: { baseUrl: 'https://api.mistral.ai/v1', models: [] },
          } },
        }
        """

    static let mainStore = """
        {"version":1,"profiles":{
          "anthropic:default":{"type":"api_key","provider":"anthropic","key":"sk-ant-fake-e2e"},
          "mistral:default":{"type":"api_key","provider":"mistral","key":"mistral-fake-e2e"},
          "openai:old":{"type":"token","provider":"openai","token":"old-fake-e2e","expires":1000}}}
        """

    static let workStore = """
        {"version":1,"profiles":{"deepseek:default":{"type":"api_key","provider":"deepseek","key":"ds-fake-e2e"}}}
        """

    /// Mistral is out of money for an hour.
    static func mainState() -> String {
        let until = (Int64(time(nil)) + 3600) * 1000
        return """
            {"version":1,"usageStats":{"mistral:default":{"disabledUntil":\(until),"disabledReason":"billing","errorCount":1,
              "failureCounts":{"billing":1},"lastFailureAt":\(Int64(time(nil)) * 1000)}}}
            """
    }

    /// A login of the Codex program whose access token ends so many seconds from now.
    static func codexLogin(expiresIn seconds: Int) -> String {
        let claims = "{\"exp\":\(Int(time(nil)) + seconds)}"
        let token = "eyJhbGciOiJub25lIn0.\(base64URL(Array(claims.utf8))).fake"
        return """
            {"tokens":{"access_token":"\(token)","refresh_token":"rt-fake-e2e","account_id":"acct-fake"}}
            """
    }

    /// A report without what differs by its nature: times, generations, paths of the moment.
    static func comparable(_ text: String) throws -> JSONValue { strip(try JSONValue.parse(text)) }

    private static func strip(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            let moving: Set<String> = ["ts", "generation", "remainingMs", "label", "preparedAt", "gatheredBy", "stale"]
            return .object(JSONObject(object.filter { !moving.contains($0.key) }.map { ($0.key, strip($0.value)) }))
        case .array(let array): return .array(array.map(strip))
        default: return value
        }
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var text = ""
        var index = 0
        while index < bytes.count {
            let chunk = bytes[index..<min(index + 3, bytes.count)]
            var bits = chunk.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - chunk.count))
            var characters: [Character] = []
            for _ in 0..<4 {
                characters.append(alphabet[bits & 63])
                bits >>= 6
            }
            text += String(characters.reversed().prefix(chunk.count + 1))
            index += 3
        }
        return text
    }
}
