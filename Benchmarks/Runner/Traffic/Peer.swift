import AlulaMeasuring
import AlulaRunning

/// Another gateway that is measured at the same work where it is installed, for orientation. What it is told is the least that
/// makes it hand calls on to the provider.
enum Peer: String, CaseIterable, Sendable {
    case rolter
    case litellm

    /// For people.
    var title: String {
        switch self {
        case .rolter: "rolter"
        case .litellm: "LiteLLM"
        }
    }

    private static let key = "sk-fake-benchmark-peer-0000"
    private static let model = "bench"

    /// How it is asked.
    func target(port: Int) -> ChatTarget { ChatTarget(title, port: port, key: Self.key, model: Self.model) }

    /// Starts it and waits until it answers.
    ///
    /// - Parameters:
    ///   - programs: The directory with its program.
    ///   - place: A directory for its files.
    func start(
        programs: String, place: String, port: Int, upstream: RunningUpstream
    ) throws -> ChildProgram {
        let (settings, output) = ("\(place)/\(rawValue).settings", "\(place)/\(rawValue).log")
        try TextFile.write(text(port: port, upstream: upstream), to: settings)
        let child = try ChildProgram(
            path: "\(programs)/\(rawValue)", arguments: arguments(settings, port),
            environment: ["HOME": place, "PATH": "\(programs):/usr/bin:/bin", "BENCH_KEY": ChatWords.upstreamKey],
            output: output)
        let deadline = MonotonicTime.now.advanced(byMilliseconds: 120_000)
        while true {
            do {
                let tally = try ChatLoop(target(port: port), connections: 1).run(calls: 1)
                if tally.wrong == 0 { return child }
            } catch {
                // Not there yet.
            }
            guard MonotonicTime.now < deadline, child.isRunning else {
                let printed = TextFile.read(output)?.suffix(500) ?? ""
                throw BenchmarkError(.cannotStart, "\(title) did not answer. It printed: \(printed)")
            }
            MonotonicTime.sleep(milliseconds: 200)
        }
    }

    private func arguments(_ settings: String, _ port: Int) -> [String] {
        switch self {
        case .rolter: ["gateway", "--config", settings]
        case .litellm: ["--config", settings, "--host", "127.0.0.1", "--port", "\(port)"]
        }
    }

    private func text(port: Int, upstream: RunningUpstream) -> String {
        let address = "http://127.0.0.1:\(upstream.port)/whole"
        return switch self {
        case .rolter:
            """
            [server]
            host = "127.0.0.1"
            port = \(port)
            [[providers]]
            name = "bench"
            kind = "openai_compatible"
            api_base = "\(address)"
            api_key_env = "BENCH_KEY"
            [[routes]]
            model = "\(Self.model)"
            strategy = "round_robin"
            [[routes.targets]]
            provider = "bench"
            model = "bench"
            [[virtual_keys]]
            key = "\(Self.key)"

            """
        case .litellm:
            """
            model_list:
              - model_name: \(Self.model)
                litellm_params:
                  model: openai/bench
                  api_base: \(address)/v1
                  api_key: \(ChatWords.upstreamKey)
            general_settings:
              master_key: \(Self.key)

            """
        }
    }
}
