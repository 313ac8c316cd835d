import AlulaJSON
package import AlulaMeasuring

/// The provider that costs next to nothing, in a process of its own. It is stopped at the latest when it is let go.
package final class RunningUpstream {
    package let port: Int
    private let child: ChildProgram

    /// Starts `alula-bench-upstream` and waits until it answers.
    ///
    /// - Parameters:
    ///   - binaries: Where it is.
    ///   - output: A file that takes what it prints.
    package init(binaries: String, output: String) throws {
        port = try LoopbackSocket.freePort()
        child = try ChildProgram(
            path: "\(binaries)/alula-bench-upstream", arguments: ["--port", "\(port)"], environment: [:],
            output: output)
        let deadline = MonotonicTime.now.advanced(byMilliseconds: 10_000)
        while true {
            do {
                _ = try openCalls
                return
            } catch {
                guard MonotonicTime.now < deadline, child.isRunning else {
                    throw BenchmarkError(.cannotStart, "The provider did not start: \(TextFile.read(output) ?? "")")
                }
                MonotonicTime.sleep(milliseconds: 2)
            }
        }
    }

    /// Streams and hung calls that it is at.
    package var openCalls: Int {
        get throws { Int(try report("/report")["open"]?.integer ?? 0) }
    }

    /// Waits until it is at `count` calls.
    package func waitForOpenCalls(_ count: Int, milliseconds: Double) throws {
        let deadline = MonotonicTime.now.advanced(byMilliseconds: milliseconds)
        while true {
            let open = try openCalls
            if open == count { return }
            guard MonotonicTime.now < deadline else {
                throw BenchmarkError(.timedOut, "\(open) calls in place of \(count) reached the provider.")
            }
            MonotonicTime.sleep(milliseconds: 5)
        }
    }

    /// Whether the call with this question is under way.
    package func isAt(_ question: String) throws -> Bool { try report("/report/\(question)")["open"]?.bool == true }

    /// Waits until the call with this question is cancelled.
    ///
    /// - Returns: When it was, as the provider noticed; `nil` when it was not in time.
    package func cancellation(of question: String, milliseconds: Double) throws -> MonotonicTime? {
        let deadline = MonotonicTime.now.advanced(byMilliseconds: milliseconds)
        while MonotonicTime.now < deadline {
            let time = try report("/report/\(question)")["cancelledAt"]?.integer
            if let time { return MonotonicTime(nanoseconds: time) }
            MonotonicTime.sleep(milliseconds: 2)
        }
        return nil
    }

    /// What it is asked with, without anybody in between.
    ///
    /// - Parameter mode: The first part of the path, such as `whole`.
    package func target(_ mode: String) -> ChatTarget {
        ChatTarget(
            "direct", port: port, path: "/\(mode)/v1/chat/completions", key: ChatWords.upstreamKey, model: "bench")
    }

    /// Ends it.
    package func stop() { _ = child.stop(graceMilliseconds: 2000) }

    private func report(_ path: String) throws -> JSONValue {
        let answer = try GatewayConnection.get(path, port: port, deadline: .now.advanced(byMilliseconds: 5000))
        return try JSONValue.parse(answer.body)
    }
}
