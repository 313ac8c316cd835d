import AlulaAuth
import AlulaFleet
import AlulaMeasuring
import AlulaModels
import AlulaPrimitives

/// What a read of a prepared answer takes, within this process.
enum ReadMeasurement {
    private static let reads = 1_000_000

    /// Microseconds for one answer about one provider and agent.
    static func run(agentCount: Int) -> Double {
        let main = StoreID("/nowhere/main")
        let agents = (0..<agentCount).map { index in
            AuthContext.Agent(
                id: AgentID(Fleet.agent(index)), store: index == 0 ? main : StoreID("/nowhere/\(index)"),
                workspace: "/nowhere")
        }
        let providers = ProviderTable.builtIn.ids
        let context = AuthContext(agents: agents, defaultAgent: .main, mainStore: main, providerIDs: providers)
        let source = PreparedAuthSource()
        source.publish(
            AuthPreparer.prepare(
                context: context, facts: AuthFacts(), generation: 1, gathering: .worker,
                now: Timestamp(milliseconds: 2_000_000_000_000)))
        var available = 0
        let start = MonotonicTime.now
        for turn in 0..<reads {
            let agent = agents[turn % agents.count].id
            let provider = providers[turn % providers.count]
            if source.current?.answer(provider, for: agent)?.isAvailable == true { available += 1 }
        }
        let microseconds = MonotonicTime.now.milliseconds(since: start) * 1000 / Double(reads)
        // The answers are used, so that the loop can't be left out.
        return available < 0 ? 0 : microseconds
    }
}
