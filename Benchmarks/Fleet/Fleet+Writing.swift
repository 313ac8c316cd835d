import AlulaJSON
import AlulaMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension Fleet {
    /// Writes every file. Blocks the calling thread: about a second for ten thousand agents.
    package func write() throws {
        try TextFile.makeDirectory(state)
        try TextFile.makeDirectory("\(root)/bin")
        for login in Self.logins {
            let path = "\(home)/\(login.path)"
            try TextFile.makeDirectory(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
            try TextFile.write(login.text, to: path)
        }
        try TextFile.write(#"{"team":{"key":"fake-benchmark-key"}}"#, to: secretsFile)
        try TextFile.write("#!/bin/sh\nexec sleep 3600\n", to: helper, mode: 0o700)
        for (index, agent) in agents.enumerated() {
            try TextFile.makeDirectory(directory(of: agent))
            try TextFile.write(usageDocument(index).text(), to: "\(directory(of: agent))/auth-state.json")
            if fault == .fifo, agent == agentWithFIFO {
                guard mkfifo(store(of: agent), 0o600) == 0 else {
                    throw BenchmarkError(.systemCall, "No FIFO could be made (errno \(errno)).")
                }
            } else {
                try TextFile.write(storeDocument(index).text(), to: store(of: agent))
            }
        }
        try TextFile.write(configurationDocument().text(.pretty), to: configuration)
    }

    /// Replaces every store by one that differs a little, so that all of them have to be read again.
    ///
    /// - Parameters:
    ///   - round: Makes the content differ from the round before.
    ///   - indices: Only the stores of these agents.
    package func rewriteStores(round: Int, of indices: Set<Int>? = nil) throws {
        for (index, agent) in agents.enumerated()
        where indices?.contains(index) ?? !(fault == .fifo && agent == agentWithFIFO) {
            guard var document = storeDocument(index).object, var profiles = document["profiles"]?.object else {
                continue
            }
            profiles["groq:round"] = ["type": "api_key", "provider": "groq", "key": .string("gsk-fake-\(round)")]
            document["profiles"] = .object(profiles)
            try TextFile.replace(store(of: agent), with: JSONValue.object(document).text())
        }
    }

    /// Gives one agent a key for `provider`, or takes it away, as another program would: written beside, renamed.
    package func setKey(of provider: String, agent index: Int, isPresent: Bool) throws {
        guard var document = storeDocument(index).object, var profiles = document["profiles"]?.object else { return }
        profiles["\(provider):default"] =
            isPresent ? ["type": "api_key", "provider": .string(provider), "key": "sk-fake-edited"] : nil
        document["profiles"] = .object(profiles)
        try TextFile.replace(store(of: Self.agent(index)), with: JSONValue.object(document).text())
    }

    /// Removes everything under ``root``.
    package func remove() {
        do {
            let removal = try ChildProgram(
                path: "/bin/rm", arguments: ["-rf", root], environment: [:], output: "/dev/null")
            _ = removal.waitForExit(deadline: .now.advanced(byMilliseconds: 30_000))
        } catch {
            print("The fleet in \(root) could not be removed: \(error)")
        }
    }
}
