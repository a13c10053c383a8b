using System.Runtime.CompilerServices;

namespace EventBroker.Transport.Redis.Tests.Servers;

internal static class Threads
{
    // StackExchange.Redis asks Sentinels and servers that come back synchronously. While they do not answer each asking holds a thread for
    // seconds, and the pool, which begins with one for each core, hands no answers on to any test until it has grown.
    [ModuleInitializer]
    public static void HaveEnough() => ThreadPool.SetMinThreads(32, 32);
}
