import AlulaDiagnostics
import AlulaJSON
import AlulaTestSupport
import Testing

@testable import AlulaGateway

struct GrafanaDashboardTests {
    private static func dashboard() throws -> JSONValue {
        let file = Fixture("../../../Documentation/Grafana/alula.json", of: "AlulaProtocolTests")
        return try JSONValue.parse(Array(try #require(file.text).utf8))
    }

    /// All texts under `key`, however deep.
    private static func texts(_ key: String, in value: JSONValue) -> [String] {
        if let array = value.array { return array.flatMap { texts(key, in: $0) } }
        guard let object = value.object else { return [] }
        return object.flatMap { member -> [String] in
            if member.key == key, let text = member.value.string { return [text] }
            return texts(key, in: member.value)
        }
    }

    @Test func everyQueryIsAboutSeriesOfTheTable() throws {
        let queries = Self.texts("expr", in: try Self.dashboard())
        #expect(queries.count > 30)
        for query in queries {
            let complaints = QueryCheck(query, MetricTable.definitions).complaints
            #expect(complaints == [], "\(query)")
        }
    }

    @Test func theGatewaysToChooseFromAreFoundByASeriesOfTheTable() throws {
        let list = try #require(Self.dashboard()["templating"]?["list"]?.array)
        let query = try #require(list.last?["query"]?["query"]?.string)
        #expect(query == "label_values(\(ProcessMetrics.build.name), instance)")
    }

    @Test func everyPanelIsNamedExplainedAndPlacedOnItsOwn() throws {
        let panels = try #require(Self.dashboard()["panels"]?.array)
        let ids = panels.compactMap { $0["id"]?.integer }
        #expect(ids.count == panels.count)
        #expect(Set(ids).count == ids.count)
        var places: Set<String> = []
        for panel in panels {
            #expect(panel["title"]?.string?.isEmpty == false)
            let place = try #require(panel["gridPos"])
            let isNew = places.insert("\(place["x"]?.integer ?? -1) \(place["y"]?.integer ?? -1)").inserted
            #expect(isNew)
            guard panel["type"]?.string != "row" else { continue }
            #expect(panel["description"]?.string?.hasSuffix(".") == true)
            #expect(panel["targets"]?.array?.isEmpty == false)
        }
    }

    @Test func legendsNameLabelsOfTheirQueries() throws {
        let labels = Set(MetricTable.definitions.flatMap { $0.labels.map(\.name) }).union(["instance"])
        for legend in Self.texts("legendFormat", in: try Self.dashboard()) {
            let named = legend.split(separator: "{{").dropFirst(legend.hasPrefix("{{") ? 0 : 1)
            for part in named { #expect(labels.contains(String(part.prefix { $0 != "}" })), "\(legend)") }
        }
    }

    @Test(arguments: [
        "alula_unknown_total", "rate(alula_unknown_total[5m])", "alula_warms_ended_total", "alula_warms_running[5m]",
        "alula_warms_duration_seconds", #"alula_warms_running{outcome="ok"}"#,
        #"rate(alula_warms_ended_total{outcome="fine"}[5m])"#, "sum by (colour) (alula_warms_running)",
        "sum(alula_warms_running", "alula_warms_running alula_warms_stale", "alula_warms_running +", "time()", "",
        #"alula_warms_running{instance="x}"#, "alula_warms_running; alula_warms_stale",
        "rate(alula_warms_ended_total[5m)",
    ])
    func wrongQueriesAreRefused(_ query: String) {
        #expect(!QueryCheck(query, MetricTable.definitions).complaints.isEmpty)
    }

    @Test func rightQueriesAreNot() {
        let query = #"sum by (outcome) (rate(alula_warms_ended_total{outcome!="ok",job=~"a.*"}[5m])) / 2 > 0.5"#
        let check = QueryCheck(query, MetricTable.definitions)
        #expect(check.complaints == [])
        #expect(check.metrics == ["alula_warms_ended_total"])
    }
}
