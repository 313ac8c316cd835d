import AlulaPrimitives
import Testing

@testable import AlulaModels

/// The reference's table of credential variables and its map of aliases, row by row, as the specification lists them.
struct CredentialVariableTableTests {
    private let table = ProviderTable.builtIn

    // Variables that alone sign nothing (a region, an application's id) are left out on purpose,
    // and the last variable of tencent-tokenhub came with a later version.
    // upstream: 10.10 model-auth-env
    @Test(arguments: [
        ("alibaba", "MODELSTUDIO_API_KEY DASHSCOPE_API_KEY QWEN_API_KEY"),
        ("amazon-bedrock-mantle", "AWS_BEARER_TOKEN_BEDROCK"),
        ("anthropic", "ANTHROPIC_OAUTH_TOKEN ANTHROPIC_API_KEY"),
        ("anthropic-openai", "ANTHROPIC_API_KEY"),
        ("arcee", "ARCEEAI_API_KEY"),
        ("azure", "AZURE_SPEECH_KEY AZURE_SPEECH_API_KEY SPEECH_KEY"),
        ("azure-speech", "AZURE_SPEECH_KEY AZURE_SPEECH_API_KEY SPEECH_KEY"),
        ("brave", "BRAVE_API_KEY"),
        ("byteplus", "BYTEPLUS_API_KEY"),
        ("cerebras", "CEREBRAS_API_KEY"),
        ("chutes", "CHUTES_API_KEY CHUTES_OAUTH_TOKEN"),
        ("cloudflare-ai-gateway", "CLOUDFLARE_AI_GATEWAY_API_KEY"),
        ("comfy", "COMFY_API_KEY COMFY_CLOUD_API_KEY"),
        ("deepgram", "DEEPGRAM_API_KEY"),
        ("deepinfra", "DEEPINFRA_API_KEY"),
        ("deepseek", "DEEPSEEK_API_KEY"),
        ("elevenlabs", "ELEVENLABS_API_KEY XI_API_KEY"),
        ("exa", "EXA_API_KEY"),
        ("fal", "FAL_KEY FAL_API_KEY"),
        ("firecrawl", "FIRECRAWL_API_KEY"),
        ("fireworks", "FIREWORKS_API_KEY"),
        ("github-copilot", "COPILOT_GITHUB_TOKEN GH_TOKEN GITHUB_TOKEN"),
        ("gmi", "GMI_API_KEY"),
        ("google", "GEMINI_API_KEY GOOGLE_API_KEY"),
        ("google-vertex", "GOOGLE_CLOUD_API_KEY"),
        ("gradium", "GRADIUM_API_KEY"),
        ("groq", "GROQ_API_KEY"),
        ("huggingface", "HUGGINGFACE_HUB_TOKEN HF_TOKEN"),
        ("inworld", "INWORLD_API_KEY"),
        ("kilocode", "KILOCODE_API_KEY"),
        ("kimi", "KIMI_API_KEY KIMICODE_API_KEY"),
        ("kimi-coding", "KIMI_API_KEY KIMICODE_API_KEY"),
        ("litellm", "LITELLM_API_KEY"),
        ("lmstudio", "LM_API_TOKEN"),
        ("microsoft-foundry", "AZURE_OPENAI_API_KEY"),
        ("minimax", "MINIMAX_CODE_PLAN_KEY MINIMAX_CODING_API_KEY MINIMAX_API_KEY"),
        ("minimax-portal", "MINIMAX_OAUTH_TOKEN MINIMAX_API_KEY"),
        ("mistral", "MISTRAL_API_KEY"),
        ("moonshot", "MOONSHOT_API_KEY KIMI_API_KEY"),
        ("novita", "NOVITA_API_KEY"),
        ("nvidia", "NVIDIA_API_KEY"),
        ("ollama", "OLLAMA_API_KEY"),
        ("ollama-cloud", "OLLAMA_API_KEY"),
        ("openai", "CODEX_API_KEY OPENAI_API_KEY"),
        ("opencode", "OPENCODE_API_KEY OPENCODE_ZEN_API_KEY"),
        ("opencode-go", "OPENCODE_API_KEY OPENCODE_ZEN_API_KEY"),
        ("openrouter", "OPENROUTER_API_KEY"),
        ("perplexity", "PERPLEXITY_API_KEY OPENROUTER_API_KEY"),
        ("pixverse", "PIXVERSE_API_KEY"),
        ("qianfan", "QIANFAN_API_KEY"),
        ("qwen", "QWEN_API_KEY MODELSTUDIO_API_KEY DASHSCOPE_API_KEY"),
        ("qwen-dashscope", "DASHSCOPE_API_KEY"),
        ("qwen-oauth", "QWEN_API_KEY"),
        ("runway", "RUNWAYML_API_SECRET RUNWAY_API_KEY"),
        ("senseaudio", "SENSEAUDIO_API_KEY"),
        ("sglang", "SGLANG_API_KEY"),
        ("stepfun", "STEPFUN_API_KEY"),
        ("stepfun-plan", "STEPFUN_API_KEY"),
        ("synthetic", "SYNTHETIC_API_KEY"),
        ("tavily", "TAVILY_API_KEY"),
        ("tencent-tokenhub", "TOKENHUB_API_KEY TOKENPLAN_API_KEY"),
        ("together", "TOGETHER_API_KEY"),
        ("venice", "VENICE_API_KEY"),
        ("vercel-ai-gateway", "AI_GATEWAY_API_KEY"),
        ("vllm", "VLLM_API_KEY"),
        ("volcengine", "VOLCANO_ENGINE_API_KEY"),
        ("volcengine-tts", "VOLCENGINE_TTS_API_KEY BYTEPLUS_SEED_SPEECH_API_KEY VOLCENGINE_TTS_TOKEN"),
        ("voyage", "VOYAGE_API_KEY"),
        ("vydra", "VYDRA_API_KEY"),
        ("xai", "XAI_API_KEY"),
        ("xiaomi", "XIAOMI_API_KEY"),
        ("xiaomi-token-plan", "XIAOMI_TOKEN_PLAN_API_KEY"),
        ("zai", "ZAI_API_KEY Z_AI_API_KEY"),
    ])
    func hasTheVariablesInTheirOrder(provider: String, variables: String) {
        #expect(
            table.environmentVariables(of: ProviderID(provider)) == variables.split(separator: " ").map(String.init))
    }

    // upstream: 10.10 model-auth-env
    @Test(arguments: [
        ("byteplus-plan", "byteplus"),
        ("gmi-cloud", "gmi"),
        ("gmicloud", "gmi"),
        ("minimax-cn", "minimax"),
        ("minimax-portal-cn", "minimax-portal"),
        ("moonshotai", "moonshot"),
        ("moonshot-ai", "moonshot"),
        ("novita-ai", "novita"),
        ("novitaai", "novita"),
        ("qwen-portal", "qwen-oauth"),
        ("qwen-cli", "qwen-oauth"),
        ("volcengine-plan", "volcengine"),
        ("minimax-api", "minimax"),
        ("minimax-cloud", "minimax"),
        ("minimax-api-lightning", "minimax"),
        ("minimax-api-key-cn", "minimax"),
        ("modelstudio-standard-api-key", "qwen"),
        ("modelstudio-standard-api-key-cn", "qwen"),
        ("modelstudio-api-key", "qwen"),
        ("modelstudio-api-key-cn", "qwen"),
    ])
    func sharesTheLoginsOfItsAlias(spelling: ProviderID, provider: ProviderID) {
        #expect(table.authProvider(of: spelling) == provider)
        #expect(table.environmentVariables(of: spelling) == table.environmentVariables(of: provider))
    }
}
