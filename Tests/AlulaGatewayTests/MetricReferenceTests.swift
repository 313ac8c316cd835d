import AlulaDiagnostics
import AlulaTestSupport
import Testing

@testable import AlulaGateway

struct MetricReferenceTests {
    /// `make reference` runs this test with `UPDATE_FIXTURES=1`.
    @Test func thePageIsUpToDate() {
        // A fixture that people read; the folder of another target's fixtures exists, so the way out of it does.
        let page = Fixture("../../../Documentation/Reference/metrics.md", of: "AlulaProtocolTests")
        #expect(page.matches(MetricTable.page), "Run make reference.")
    }

    @Test func eachNameIsThereOnce() {
        let names = MetricTable.definitions.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test func namesFollowTheCustomsOfPrometheus() {
        for definition in MetricTable.definitions {
            let name = definition.name
            let prefixes = ["alula_", "process_", "gen_ai_"]
            #expect(prefixes.contains { name.hasPrefix($0) }, "\(name)")
            // The time of a start has had its name everywhere for years.
            if definition.kind == .counter { #expect(name.hasSuffix("_total"), "\(name)") }
            if definition.kind == .gauge { #expect(!name.hasSuffix("_total"), "\(name)") }
            if definition.unit == .seconds {
                #expect(name.hasSuffix("_seconds") || name.hasSuffix("_seconds_total"), "\(name)")
            }
            if definition.unit == .bytes { #expect(name.hasSuffix("_bytes"), "\(name)") }
            for label in definition.labels { #expect(label.name != "le" && label.name != "quantile", "\(name)") }
        }
    }

    @Test func eachIsExplainedInSentences() {
        for definition in MetricTable.definitions {
            for text in [definition.help, definition.worry] + (definition.absence.map { [$0] } ?? []) {
                #expect(text.hasSuffix(".") && !text.contains("\n"), "\(definition.name)")
            }
        }
    }

    @Test func thereIsABoundForAllSeries() {
        for definition in MetricTable.definitions { #expect(definition.maximumSeries <= 2000, "\(definition.name)") }
    }
}
