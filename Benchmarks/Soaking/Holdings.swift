/// What a process holds by name, at rest: what has to be the same later.
package struct Holdings: Hashable, Sendable {
    /// By number: where the link in `/proc/PID/fd` points, such as `socket:[123]`, `pipe:[7]` or a path.
    package var descriptors: [Int: String]
    /// The names of its threads.
    package var threads: [String]
    /// The command lines of its children.
    package var children: [String]
    /// Directories that are watched.
    package var watches: Int

    package init(descriptors: [Int: String], threads: [String], children: [String], watches: Int) {
        self.descriptors = descriptors
        self.threads = threads
        self.children = children
        self.watches = watches
    }

    /// Pools that start a thread when it is first needed and keep it: by how their threads' names begin, the most that they
    /// keep. Up to that there may be any number.
    ///
    /// `blocking-` is the gateway's own (`BlockingPool.Settings.threads`). The threads that carry Swift's tasks come from
    /// libdispatch, which adds some up to twice the processors when those that it has seem to be blocked.
    package static func pools(processors: Int) -> [String: Int] {
        ["blocking-": 8, "oot.default-qos": 2 * processors]
    }

    /// What is there now and was not, and what was there and is not, for people; nothing when all is as it was.
    ///
    /// Descriptors are compared by what they are, since the kernel gives numbers of sockets and pipes anew.
    ///
    /// - Parameter pools: See ``pools(processors:)``.
    package func differences(from earlier: Holdings, pools: [String: Int] = [:]) -> [String] {
        var texts: [String] = []
        let (now, before) = (Self.byKind(descriptors), Self.byKind(earlier.descriptors))
        for kind in Set(now.keys).union(before.keys).sorted() {
            let (mine, others) = (now[kind] ?? [], before[kind] ?? [])
            guard mine.count != others.count else { continue }
            let shown = mine.count > others.count ? mine : others
            let list = shown.map { "\($0.number) → \($0.link)" }.joined(separator: ", ")
            texts.append("descriptors of \(kind): \(others.count) before, \(mine.count) now (\(list))")
        }
        texts += Self.difference("threads", threads, earlier.threads, pools)
        texts += Self.difference("children", children, earlier.children, [:])
        if watches != earlier.watches { texts.append("watches: \(earlier.watches) before, \(watches) now") }
        return texts
    }

    private static func byKind(_ descriptors: [Int: String]) -> [String: [(number: Int, link: String)]] {
        var kinds: [String: [(number: Int, link: String)]] = [:]
        for (number, link) in descriptors.sorted(by: { $0.key < $1.key }) {
            // `socket:[123]` is a socket; a path stays what it is.
            let kind = link.hasPrefix("socket:") ? "socket" : link.hasPrefix("pipe:") ? "pipe" : link
            kinds[kind, default: []].append((number, link))
        }
        return kinds
    }

    private static func difference(
        _ what: String, _ now: [String], _ before: [String], _ pools: [String: Int]
    ) -> [String] {
        // A thread that takes another's place has the next number behind the same name.
        func counted(_ names: [String]) -> [String: Int] {
            Dictionary(names.map { (String($0.prefix { !$0.isNumber }), 1) }, uniquingKeysWith: +)
        }
        let (counts, earlier) = (counted(now), counted(before))
        return Set(counts.keys).union(earlier.keys).sorted().compactMap { name in
            let (mine, others) = (counts[name] ?? 0, earlier[name] ?? 0)
            let isPool = pools[name].map { mine <= $0 } ?? false
            return mine == others || isPool ? nil : "\(what) '\(name)': \(others) before, \(mine) now"
        }
    }
}
