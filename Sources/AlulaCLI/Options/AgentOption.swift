import AlulaPrimitives
import AlulaState
import ArgumentParser

/// Which agent a command is about.
struct AgentOption: ParsableArguments {
    @Option(help: ArgumentHelp("The agent; without it the default one.", valueName: "id")) var agent: String?

    var id: AgentID? { agent.map { AgentID($0) } }
}
