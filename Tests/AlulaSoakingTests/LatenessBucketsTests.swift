import AlulaMeasuring
import Testing

struct LatenessBucketsTests {
    /// A thousand ticks: 900 within half a millisecond, 99 up to two, one of 30 to 50, none later.
    private static let text = """
        # TYPE alula_event_loops_lateness_seconds histogram
        alula_event_loops_lateness_seconds_bucket{le="0.0005"} 900
        alula_event_loops_lateness_seconds_bucket{le="0.002"} 999
        alula_event_loops_lateness_seconds_bucket{le="0.05"} 1000
        alula_event_loops_lateness_seconds_bucket{le="+Inf"} 1000
        alula_event_loops_lateness_seconds_sum 0.4
        alula_event_loops_lateness_seconds_count 1000
        alula_warms_duration_seconds_bucket{le="0.0005"} 70

        """

    @Test func aPercentileLiesBetweenTheEdgesOfItsBucket() throws {
        let buckets = try #require(LatenessBuckets(metrics: Self.text))
        #expect(buckets.percentile(0.45) == 0.25)
        #expect(buckets.percentile(0.9) == 0.5)
        #expect(buckets.percentile(0.999) == 2)
        #expect(buckets.percentile(0.9995) == 26)
        #expect(buckets.percentile(1) == 50)
    }

    @Test func whatIsLaterThanEveryEdgeCountsAsTheLastOne() throws {
        let text = Self.text.replacing(#"le="+Inf"} 1000"#, with: #"le="+Inf"} 2000"#)
        let buckets = try #require(LatenessBuckets(metrics: text))
        #expect(buckets.percentile(0.9) == 50)
    }

    @Test(arguments: [
        "", "alula_event_loops_lateness_seconds_bucket{le=\"+Inf\"} 0",
        "alula_event_loops_lateness_seconds_bucket{le=\"0.5\"} 7", "alula_event_loops_lateness_seconds_bucket{le=",
        "alula_event_loops_lateness_seconds_bucket{le=\"x\"} y",
    ])
    func withoutAWholeHistogramThereAreNone(_ text: String) {
        #expect(LatenessBuckets(metrics: text) == nil)
    }
}
