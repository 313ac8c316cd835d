import AlulaMeasuring
import CBenchmarkShims

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Asks at fixed times, whatever became of the questions before (an open loop), on one thread without a library.
final class Prober {
    /// Connections for `/healthz`: enough that each of a gateway's event loops has some.
    private static let laneCount = 8

    private let plan: ProbePlan
    private let lanes: [HealthzLane]
    private var visits: [WebSocketVisit] = []
    private var silent: [SilentVisit] = []
    private var samples: [ProbeSample] = []
    private var questionCount = 0

    init(plan: ProbePlan) {
        self.plan = plan
        lanes = (0..<Self.laneCount).map { _ in HealthzLane(port: plan.port) }
        samples.reserveCapacity(20_000)
    }

    /// Waits for the port to open, asks until its standard input closes or the time is over, and waits for answers.
    func run() throws(BenchmarkError) -> [ProbeSample] {
        try waitForPort()
        let start = MonotonicTime.now
        let end = start.advanced(byMilliseconds: plan.maximumMilliseconds)
        var nextHealthz = start
        // Between two of the other questions.
        var nextVisit = start.advanced(byMilliseconds: plan.healthzIntervalMilliseconds / 2)
        var nextSilent = plan.silentIntervalMilliseconds.map { start.advanced(byMilliseconds: $0 / 3) }
        for _ in 0..<plan.burst { visit(due: start) }
        var isAsking = true
        var lastQuestion = start
        while true {
            let now = MonotonicTime.now
            if isAsking, now >= end { isAsking = false }
            while isAsking, nextHealthz <= now {
                ask(due: nextHealthz)
                nextHealthz = nextHealthz.advanced(byMilliseconds: plan.healthzIntervalMilliseconds)
                lastQuestion = now
            }
            while isAsking, nextVisit <= now {
                visit(due: nextVisit)
                nextVisit = nextVisit.advanced(byMilliseconds: plan.webSocketIntervalMilliseconds)
                lastQuestion = now
            }
            while isAsking, let due = nextSilent, due <= now {
                stayAndSayNothing(due: due)
                nextSilent = due.advanced(byMilliseconds: plan.silentIntervalMilliseconds ?? 1000)
                lastQuestion = now
            }
            let limit = lastQuestion.advanced(byMilliseconds: plan.drainMilliseconds)
            if !isAsking, visits.isEmpty && silent.isEmpty && lanes.allSatisfy({ $0.waitingCount == 0 }) || now >= limit
            {
                break
            }
            let next = min(nextHealthz, nextVisit, nextSilent ?? nextVisit)
            if wait(until: isAsking ? next : limit) { isAsking = false }
        }
        for lane in lanes { fail(lane) }
        for visit in visits { finish(visit, isAnswered: false) }
        for visit in silent { finish(visit, isAnswered: false) }
        return samples
    }

    private func waitForPort() throws(BenchmarkError) {
        let deadline = MonotonicTime.now.advanced(byMilliseconds: plan.openingMilliseconds)
        while MonotonicTime.now < deadline {
            let socket = try LoopbackSocket(port: plan.port)
            var interests = [SocketInterest(descriptor: socket.descriptor, wantsRoom: true)]
            waitForSockets(&interests, until: .now.advanced(byMilliseconds: 5))
            if interests[0].isReady, socket.connectionError == 0 { return }
            MonotonicTime.sleep(milliseconds: 0.5)
        }
        throw BenchmarkError(.timedOut, "The port did not open.")
    }

    private func ask(due: MonotonicTime) {
        // The emptiest lane, and of several each in its turn.
        questionCount += 1
        let turn = questionCount
        let order = lanes.indices.map { ($0 + turn) % lanes.count }
        guard let place = order.min(by: { lanes[$0].waitingCount < lanes[$1].waitingCount }) else { return }
        do {
            try lanes[place].ask(due: due)
        } catch {
            fail(lanes[place])
        }
    }

    private func visit(due: MonotonicTime) {
        do {
            visits.append(try WebSocketVisit(port: plan.port, token: plan.token, due: due))
        } catch {
            record(.webSocket, due: due, asked: .now, isAnswered: false)
        }
    }

    private func stayAndSayNothing(due: MonotonicTime) {
        do {
            silent.append(try SilentVisit(port: plan.port, due: due))
        } catch {
            record(.silent, due: due, asked: .now, isAnswered: false)
        }
    }

    /// Waits for sockets and goes on with those that are ready.
    ///
    /// - Returns: Whether standard input was closed.
    private func wait(until instant: MonotonicTime) -> Bool {
        var interests = [SocketInterest(descriptor: 0)]
        interests += lanes.map { SocketInterest(descriptor: $0.descriptor ?? -1, wantsRoom: $0.hasUnsent) }
        interests += visits.map { SocketInterest(descriptor: $0.descriptor, wantsRoom: $0.hasUnsent) }
        interests += silent.map { SocketInterest(descriptor: $0.descriptor, wantsRoom: $0.hasUnsent) }
        waitForSockets(&interests, until: instant)
        let news = interests.dropFirst(1 + lanes.count + visits.count)
        silent = zip(silent, news).compactMap { visit, interest in interest.isReady && isOver(visit) ? nil : visit }
        for (lane, interest) in zip(lanes, interests.dropFirst()) where interest.isReady { advance(lane) }
        var staying: [WebSocketVisit] = []
        for (visit, interest) in zip(visits, interests.dropFirst(1 + lanes.count)) {
            if interest.isReady, isOver(visit) { continue }
            staying.append(visit)
        }
        visits = staying
        return interests[0].isReady
    }

    private func advance(_ lane: HealthzLane) {
        do {
            for (question, isAnswered) in try lane.advance() {
                record(.healthz, due: question.due, asked: question.asked, isAnswered: isAnswered)
            }
        } catch {
            fail(lane)
        }
    }

    private func isOver(_ visit: WebSocketVisit) -> Bool {
        do {
            guard try visit.advance() else { return false }
            finish(visit, isAnswered: true)
        } catch {
            finish(visit, isAnswered: false)
        }
        return true
    }

    private func isOver(_ visit: SilentVisit) -> Bool {
        do {
            guard try visit.advance() else { return false }
            finish(visit, isAnswered: true)
        } catch {
            finish(visit, isAnswered: false)
        }
        return true
    }

    private func finish(_ visit: SilentVisit, isAnswered: Bool) {
        record(.silent, due: visit.due, asked: visit.asked, isAnswered: isAnswered)
    }

    private func fail(_ lane: HealthzLane) {
        for question in lane.reset() {
            record(.healthz, due: question.due, asked: question.asked, isAnswered: false)
        }
    }

    private func finish(_ visit: WebSocketVisit, isAnswered: Bool) {
        record(
            .webSocket, due: visit.due, asked: visit.asked, hello: visit.helloAt?.milliseconds(since: visit.due),
            isAnswered: isAnswered, loopDelay: visit.loopDelay)
    }

    private func record(
        _ kind: ProbeSample.Kind, due: MonotonicTime, asked: MonotonicTime, hello: Double? = nil, isAnswered: Bool,
        loopDelay: Double? = nil
    ) {
        samples.append(
            ProbeSample(
                kind: kind, due: due.milliseconds(since: plan.origin), askedLate: asked.milliseconds(since: due),
                hello: hello, latency: MonotonicTime.now.milliseconds(since: due), isAnswered: isAnswered,
                loopDelay: loopDelay))
    }
}
