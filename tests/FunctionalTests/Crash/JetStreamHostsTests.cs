using System.Collections.Concurrent;
using System.Globalization;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Streams;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Crash;

// Over one nats-server.
public sealed class JetStreamHostsTests(ITestOutputHelper output) : TwoHostsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private CrashNats? _nats;

    [Fact]
    public async Task A_broker_that_stood_still_longer_than_the_ack_wait_takes_nothing_back()
    {
        await using var here = await OpenWorkerAsync(AtOne);
        await AtOne.Http.PublishAsync("e", "m-1");
        var held = await here.ReadAsync();
        await using var there = await OpenWorkerAsync(AtOther);
        Signals.Stop(One.ProcessId);
        var taken = await there.ReadAsync();
        Assert.Equal(("m-1", 1), (taken.Id, taken.RetryCount));
        Signals.Continue(One.ProcessId);

        Assert.Equal("expired", await here.SettleAsync(held.AckId));
        await AtOne.Http.PublishAsync("e", "m-2");
        await here.ExpectAsync("m-2", 0);
        Assert.Equal("settled", await there.SettleAsync(taken.AckId));
    }

    // What it has fetched and nobody has read goes back before the connection goes, and what was answered is taken. By hand with
    // EVENTBROKER_MESSAGES=10000.
    [Fact]
    public async Task A_broker_that_is_told_to_end_amid_many_messages_leaves_nothing_behind_that_was_settled()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable("EVENTBROKER_MESSAGES") ?? "1500", CultureInfo.InvariantCulture);
        var settled = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        await AtOne.Http.PublishAsync("e", "m-0");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async publisher =>
        {
            for (var i = 1 + publisher; i < count; i += 4)
            {
                await AtOther.Http.PublishAsync("e", $"m-{i}");
            }
        }));

        // Only now, so that many are left when the broker is told.
        var before = new Workers(await OpenWorkersAsync(), settled, until: count / 4);
        await before.Reached.WaitAsync(Patience);
        var told = TimeProvider.System.GetTimestamp();
        Signals.Terminate(One.ProcessId);
        await One.EndedAsync();
        output.WriteLine($"it ended after {TimeProvider.System.GetElapsedTime(told).TotalMilliseconds:F0} ms");
        await before.DisposeAsync();

        await One.StartAsync();
        var left = count - settled.Count;
        var began = TimeProvider.System.GetTimestamp();
        await using var after = new Workers(await OpenWorkersAsync(), settled, until: count);
        await after.First.WaitAsync(Patience);
        output.WriteLine($"the first of {left} left came after {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds:F0} ms");
        await after.Reached.WaitAsync(Patience);
    }

    protected override async Task<string> StartBackendAsync()
    {
        _nats = await CrashNats.StartAsync();
        return _nats.Transport;
    }

    protected override ValueTask EndBackendAsync() => _nats?.DisposeAsync() ?? default;

    private async Task<StreamClient[]> OpenWorkersAsync() =>
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => OpenWorkerAsync(AtOne, maxInFlight: 1000)));

    // Members of one group, each settling whatever comes, until they are closed or the broker ends.
    private sealed class Workers : IAsyncDisposable
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly StreamClient[] _members;
        private readonly ConcurrentDictionary<string, bool> _settled;
        private readonly int _until;
        private readonly Task _working;

        public Workers(StreamClient[] members, ConcurrentDictionary<string, bool> settled, int until)
        {
            (_members, _settled, _until) = (members, settled, until);
            _working = Task.WhenAll(members.Select(WorkAsync));
        }

        public Task First => _first.Task;

        public Task Reached => _reached.Task;

        public async ValueTask DisposeAsync()
        {
            foreach (var member in _members)
            {
                await member.DisposeAsync();
            }

            await _working;
        }

        private async Task WorkAsync(StreamClient member)
        {
            try
            {
                while (true)
                {
                    var received = await member.ReadAsync();
                    _first.TrySetResult();
                    Assert.False(_settled.TryGetValue(received.Id, out var isAnswered) && isAnswered, $"{received.Id} was settled, and came again");

                    // What the broker's end leaves without an answer may have been taken, and need not come again.
                    _settled[received.Id] = false;
                    if (await member.SettleAsync(received.AckId) == "settled")
                    {
                        _settled[received.Id] = true;
                    }
                    else
                    {
                        _settled.TryRemove(received.Id, out _);
                    }

                    if (_settled.Count >= _until)
                    {
                        _reached.TrySetResult();
                    }
                }
            }
            catch (Exception fault) when (fault is RpcException or ObjectDisposedException && _reached.Task.IsCompleted)
            {
                // The broker has ended, or nobody needs it any more.
            }
            catch (Exception fault)
            {
                _first.TrySetException(fault);
                _reached.TrySetException(fault);
                throw;
            }
        }
    }
}
