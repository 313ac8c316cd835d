import AlulaSoaking
import Testing

struct HoldingsTests {
    private let before = Holdings(
        descriptors: [0: "/dev/null", 3: "anon_inode:[eventpoll]", 8: "socket:[101]", 9: "pipe:[7]"],
        threads: ["alula", "NIO-SGLTN-1-#1", "watch-files-1"], children: [], watches: 70)

    @Test func differsInNothingWhenOnlyTheKernelsNumbersDo() {
        var now = before
        now.descriptors = [0: "/dev/null", 4: "anon_inode:[eventpoll]", 11: "socket:[555]", 12: "pipe:[99]"]
        // A thread that hung was replaced by another one.
        now.threads = ["alula", "NIO-SGLTN-1-#1", "watch-files-8"]
        #expect(now.differences(from: before).isEmpty)
    }

    @Test func namesWhatWasLeftBehind() {
        var now = before
        now.descriptors[20] = "socket:[777]"
        now.descriptors[21] = "/tmp/store.json"
        now.threads.append("log")
        now.children = ["alula __warm-worker"]
        now.watches = 71
        #expect(
            now.differences(from: before) == [
                "descriptors of /tmp/store.json: 0 before, 1 now (21 → /tmp/store.json)",
                "descriptors of socket: 1 before, 2 now (8 → socket:[101], 20 → socket:[777])",
                "threads 'log': 0 before, 1 now", "children 'alula __warm-worker': 0 before, 1 now",
                "watches: 70 before, 71 now",
            ])
    }

    @Test func namesWhatIsMissing() {
        var now = before
        now.descriptors[9] = nil
        now.threads = ["alula", "watch-files-1"]
        now.watches = 69
        #expect(
            now.differences(from: before) == [
                "descriptors of pipe: 1 before, 0 now (9 → pipe:[7])", "threads 'NIO-SGLTN-': 1 before, 0 now",
                "watches: 70 before, 69 now",
            ])
    }

    @Test func letsAPoolGrowToItsBound() {
        func holdings(_ count: Int) -> Holdings {
            Holdings(descriptors: [:], threads: (0..<count).map { "blocking-\($0 + 5)" }, children: [], watches: 0)
        }
        let pools = Holdings.pools(processors: 2)
        #expect(holdings(8).differences(from: holdings(5), pools: pools).isEmpty)
        #expect(holdings(9).differences(from: holdings(8), pools: pools) == ["threads 'blocking-': 8 before, 9 now"])
        #expect(holdings(5).differences(from: holdings(8), pools: pools).isEmpty)
        #expect(holdings(8).differences(from: holdings(5)).count == 1)
    }

    @Test func isNotFooledByOneThatCameForOneThatWent() {
        var now = before
        now.descriptors[9] = nil
        now.descriptors[10] = "socket:[102]"
        #expect(now.differences(from: before).count == 2)
    }
}
