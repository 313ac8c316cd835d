import AlulaDiagnostics
import Testing

struct MetricsTextTests {
    @Test func readsLabelsEscapesAndTimes() {
        let page = """
            # HELP a What it is.
            # TYPE a counter
            a 1
            a{x="1",y="two \\"words\\" \\\\ and \\n"} 2.5 1700000000
            b{x="}"} 3
            a{} +Inf
            """
        let text = MetricsText(page)
        #expect(text.values("a").map(\.value) == [1, 2.5, .infinity])
        #expect(text.values("a")[1].labels == ["x": "1", "y": "two \"words\" \\ and \n"])
        #expect(text.values("b").map(\.labels) == [["x": "}"]])
    }

    @Test(arguments: [
        "a", "a ", "a x", "a NaN", "a{", "a{x", "a{x=", "a{x=1} 1", "a{x=\"1", "a{x=\"1\\", "a{x=\"1\"", "a{x=\"1\"}",
        "a{x=\"1\"}1", "{} 1", "}{", "a{x=\"1\"} ", "\u{0}", "a\u{1B} 1",
    ])
    func oneBadLineHidesNothingElse(_ line: String) {
        let text = MetricsText("a 1\n\(line)\na 2\n", names: ["a"])
        #expect(text.samples.map(\.value) == [1, 2])
    }

    @Test func keepsWhatIsAskedForOnly() {
        let text = MetricsText("a 1\nb 2\na{x=\"1\"} 3\n", names: ["b", "c"])
        #expect(text.samples.map(\.name) == ["b"])
    }

    @Test func keepsNoMoreThanItCanHold() {
        let page = (0..<(MetricsText.maximumSamples + 10)).map { "a{n=\"\($0)\"} 1" }.joined(separator: "\n")
        #expect(MetricsText(page + "\nb 1").values("a").count == MetricsText.maximumSamples)
        #expect(MetricsText(page + "\nb 1").values("b").count == 1)
    }

    @Test func addsUpWhatHasTheLabels() {
        let text = MetricsText("a{x=\"1\",y=\"1\"} 1\na{x=\"1\",y=\"2\"} 2\na{x=\"2\"} 4\n")
        #expect(text.sum("a") == 7)
        #expect(text.sum("a", where: ["x": "1"]) == 3)
        #expect(text.sum("a", where: ["x": "3"]) == nil)
    }
}
