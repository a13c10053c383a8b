using System.Collections.Concurrent;
using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Tests.Scenarios;

// A worker with three handlers, one slow, one failing, one that gets what it can't read, over a broker that is started anew again and again: ten
// minutes of it with EVENTBROKER_LONG_SCENARIOS=1. Its log fits on two screens and tells what has happened.
public sealed class DayTests(ITestOutputHelper output)
{
    private const int TwoScreens = 120;

    [Fact]
    public async Task The_log_of_a_day_with_restarts_fits_on_two_screens()
    {
        await using var broker = new BrokerProcess();
        await broker.StartAsync();
        using var log = new Lines();
        var handled = new Counted();
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton(handled);
        builder.Services.AddEventBrokerClient(options => options.Address = broker.Address)
            .AddHandler<Slow, byte[]>("slow", static options => options.Subscription.WorkerGroup = "g")
            .AddHandler<Failing, byte[]>("failing", static options => options.Subscription.WorkerGroup = "g")
            .AddHandler<Poisoned, Value>("poisoned", static options => options.Subscription.WorkerGroup = "g");
        using var host = builder.Build();
        await host.StartAsync();
        var transport = host.Services.GetRequiredService<RemoteTransport>();
        await transport.PublishAsync("failing", Clients.Message("fails"));
        await transport.PublishAsync("poisoned", Clients.Message("no-json", "{"));

        for (var restart = 1; restart <= (Outages.AreLong ? 10 : 2); restart++)
        {
            await transport.PublishAsync("slow", Clients.Message($"{restart}"));
            await handled.ReachAsync(restart);
            await Outages.LastAsync(Outages.AreLong ? 57 : 0);
            await broker.StopAsync();
            await Outages.LastAsync(Outages.AreLong ? 2 : 0);
            await broker.StartAsync();
            await log.WhenAsync("The stream of slow is open", restart);
        }

        await host.StopAsync();
        var lines = log.All;
        output.WriteLine(string.Join('\n', lines));
        Assert.InRange(lines.Count, 1, TwoScreens);
        foreach (var told in new[] { "The handler of slow is subscribed", "Message no-json of poisoned can't be decoded", "message fails of failing has failed", "it is the test that fails", "The stream of slow is not open", "The stream of slow is open after" })
        {
            Assert.Contains(lines, line => line.Contains(told, StringComparison.Ordinal));
        }
    }

    private sealed record Value(int Number);

    private sealed class Slow(Counted handled) : IEventHandler<byte[]>
    {
        public async Task HandleAsync(byte[] value, EventContext context)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, context.CancellationToken);
            handled.Increment();
        }
    }

    private sealed class Failing : IEventHandler<byte[]>
    {
        public Task HandleAsync(byte[] value, EventContext context) => throw new InvalidOperationException("it is the test that fails");
    }

    private sealed class Poisoned : IEventHandler<Value>
    {
        public Task HandleAsync(Value value, EventContext context) => Task.CompletedTask;
    }

    // The log as a console shows it at the level information: a line for each line.
    private sealed class Lines : ILoggerProvider
    {
        private readonly ConcurrentQueue<string> _all = new();
        private readonly ConcurrentDictionary<string, Counted> _told = new();

        public IReadOnlyCollection<string> All => _all;

        public Task WhenAsync(string beginning, int count) => _told.GetOrAdd(beginning, static _ => new Counted()).ReachAsync(count);

        public ILogger CreateLogger(string categoryName) =>
            categoryName.StartsWith("EventBroker", StringComparison.Ordinal) ? new Logger(this) : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public void Dispose()
        {
        }

        private sealed class Logger(Lines owner) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (!IsEnabled(logLevel))
                {
                    return;
                }

                var text = formatter(state, exception);
                foreach (var line in $"{logLevel} {text}\n{exception}".Split('\n', StringSplitOptions.RemoveEmptyEntries))
                {
                    owner._all.Enqueue(line);
                }

                if (text.StartsWith("The stream of slow is open", StringComparison.Ordinal))
                {
                    owner._told.GetOrAdd("The stream of slow is open", static _ => new Counted()).Increment();
                }
            }
        }
    }
}
