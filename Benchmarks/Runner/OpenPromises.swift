/// What is promised and can't be measured yet, so that nobody takes silence for success.
enum OpenPromises {
    static let rows = [
        ResultRow(
            "traffic.refresh", "OAuth, 16 processes × 8 agents on one rotating token: refreshes; failed calls",
            must: "1; 0", aim: "the same with kill -9, 1,000 rounds"),
        ResultRow(
            "traffic.hungUpstream", "/healthz p99 with 2,000 hung upstream calls", must: "20 ms", aim: "10 ms"),
        ResultRow(
            "traffic.proxied", "added latency of a proxied JSON call, p50; processor time per call at 16 connections",
            must: "0.5 ms; 350 µs", aim: "0.2 ms; 120 µs"),
        ResultRow(
            "traffic.streams", "1,000 open streams, one token a second each: memory; processor time, of one core",
            must: "+40 MB; 15 %", aim: "+15 MB; 8 %"),
        ResultRow("traffic.hangUp", "caller hangs up → upstream call cancelled", must: "100 ms", aim: "10 ms"),
        ResultRow(
            "traffic.stop", "SIGTERM with 100 open streams → gone, streams told", must: "5 s", aim: "1 s"),
    ]
}
