namespace Benchmarks.Clients;

/// <summary>How h2load spreads its requests; connections times streams are in flight.</summary>
internal sealed record H2LoadShape(int Connections, int StreamsPerConnection, string ContentType, bool IsHttp1 = false);
