import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaConfiguration

struct ParameterSettingsTests {
    private static let all = """
        {temperature: 0.5, topP: 0.9, topK: 40, maxTokens: 100, extra_body: {seed: 1}, chat_template_kwargs: {x: true},
         provider: {order: ['a']}, cacheRetention: 'long'}
        """

    /// Settings with `params` in one place, and how to find them again.
    private static let places: [(String, String, @Sendable (Configuration) -> ParameterSettings?)] = [
        ("models.providers.p.params", "{models: {providers: {p: {params: #}}}}", { $0.models["p"]?.parameters }),
        (
            "models.providers.p.models[0].params", "{models: {providers: {p: {models: [{id: 'm', params: #}]}}}}",
            { $0.models["p"]?.models.first?.parameters }
        ),
        ("agents.defaults.params", "{agents: {defaults: {params: #}}}", { $0.agents.defaults.parameters }),
        (
            "agents.defaults.models.p/m.params", "{agents: {defaults: {models: {'p/m': {params: #}}}}}",
            { $0.agents.defaults.models.first?.parameters }
        ),
        ("agents.list[0].params", "{agents: {list: [{id: 'main', params: #}]}}", { $0.agents["main"]?.parameters }),
        ("agents.entries.main.params", "{agents: {entries: {main: {params: #}}}}", { $0.agents["main"]?.parameters }),
        (
            "agents.entries.main.models.p/m.params", "{agents: {entries: {main: {models: {'p/m': {params: #}}}}}}",
            { $0.agents["main"]?.models.first?.parameters }
        ),
    ]

    private static func loaded(_ pattern: String, _ parameters: String) throws -> (Configuration, [String]) {
        let loaded = try MemoryFiles(main: pattern.replacing("#", with: parameters)).loaded()
        return (loaded.configuration, loaded.findings)
    }

    @Test(arguments: places.indices) func readsThemWhereverTheyStand(index: Int) throws {
        let (_, pattern, find) = Self.places[index]
        let (configuration, findings) = try Self.loaded(pattern, Self.all)
        #expect(findings == [])
        let found = try #require(find(configuration))
        var expected = ParameterSettings()
        expected.temperature = 0.5
        expected.topP = 0.9
        expected.topK = 40
        expected.maximumTokens = 100
        expected.body = JSONObject([("seed", 1)])
        expected.templateArguments = JSONObject([("x", true)])
        expected.routing = JSONObject([("order", .array(["a"]))])
        #expect(found == expected)
    }

    /// One wrong word costs itself alone, wherever it stands.
    @Test(arguments: places.indices) func whatIsWrongIsLeftOutByItself(index: Int) throws {
        let (place, pattern, find) = Self.places[index]
        let wrong: [(String, String)] = [
            ("temperature: 'hot'", "error wrong_type \(place).temperature"),
            ("temperature: 2.1", "error out_of_range \(place).temperature"),
            ("topP: -1", "error out_of_range \(place).topP"), ("topK: 0", "error out_of_range \(place).topK"),
            ("topK: 1.5", "error out_of_range \(place).topK"),
            ("maxTokens: 0", "error out_of_range \(place).maxTokens"),
            ("maxTokens: 1e99", "error out_of_range \(place).maxTokens"),
            ("extra_body: [1]", "error wrong_type \(place).extra_body"),
            ("extraBody: 'x'", "error wrong_type \(place).extraBody"),
            ("chat_template_kwargs: 7", "error wrong_type \(place).chat_template_kwargs"),
            ("provider: false", "error wrong_type \(place).provider"),
        ]
        var right = ParameterSettings()
        right.routing = JSONObject([("a", 1)])
        for (text, finding) in wrong {
            let isRouting = text.hasPrefix("provider")
            let (configuration, findings) = try Self.loaded(
                pattern, isRouting ? "{\(text)}" : "{\(text), provider: {a: 1}}")
            #expect(findings == [finding])
            #expect(find(configuration) == (isRouting ? ParameterSettings() : right), "\(text)")
        }
        let (configuration, findings) = try Self.loaded(pattern, "'none'")
        #expect(findings == ["error wrong_type \(place)"])
        #expect(find(configuration) == ParameterSettings())
    }

    @Test func theApisSpellingCountsFirst() throws {
        let (configuration, _) = try Self.loaded(Self.places[0].1, "{extraBody: {a: 1}, extra_body: {b: 2}}")
        #expect(configuration.models["p"]?.parameters.body == JSONObject([("b", 2)]))
    }

    @Test func aLaterLayerCountsMoreKeyByKey() {
        var (below, above) = (ParameterSettings(), ParameterSettings())
        below.temperature = 0.1
        below.topK = 5
        below.body = JSONObject([("a", 1), ("b", 2)])
        above.temperature = 0
        above.body = JSONObject([("a", 3)])
        let laid = above.laid(over: below)
        #expect(laid.temperature == 0 && laid.topK == 5 && laid.body == JSONObject([("a", 3)]))
        #expect(ParameterSettings().laid(over: below) == below && below.laid(over: ParameterSettings()) == below)
        #expect(ParameterSettings().isEmpty && !below.isEmpty)
    }
}
