using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Tests;

/// <summary>A place beside what it ought to be: each step is done to both, and checked.</summary>
public sealed class PlaceModel(Harness harness, bool isConsumer)
{
    private static readonly TimeSpan[] Delays =
        [TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(700), TimeSpan.FromHours(1)];

    private static readonly SettlementReason[] Reasons =
        [SettlementReason.Nacked, SettlementReason.Nacked, SettlementReason.DeadlinePassed, SettlementReason.Disconnected, SettlementReason.NeverSent];

    private readonly List<Member> _members = [];

    // What is not done with and not held: since when it may come, with which count, and who let it expire.
    private readonly Dictionary<int, (DateTimeOffset Due, int Count, Member? ExpiredWith)> _open = [];
    private int _published;

    private DateTimeOffset Now => harness.Clock.GetUtcNow();

    public async Task StepAsync(byte what, byte which, byte how)
    {
        var member = _members.Count > 0 ? _members[which % _members.Count] : null;
        switch (what % 12)
        {
            case 0 or 1:
                await PublishAsync((how % 3) + 1);
                break;
            case 2 when isConsumer || _members.Count < 3:
                await JoinAsync();
                break;
            case 3 when member is not null && how % 4 == 0:
                await LeaveAsync(member);
                break;
            case 4 or 5 or 6 when member is not null:
                Read(member, how % 6);
                break;
            case 7 when member is not null:
                member.IsDemanding = true;
                member.SignalsBefore = member.Subscriber.Probe.Count;
                member.Subscriber.Subscription.Demand((how % 5) + 1);
                break;
            case 8 or 9 when member is { Held.Count: > 0 }:
                await SettleAsync(member, member.Held[which % member.Held.Count], how);
                break;
            default:
                harness.Clock.Advance(TimeSpan.FromMilliseconds(how % 2 == 0 ? how : how * 10));
                break;
        }

        CheckSignals();
    }

    /// <summary>Everybody leaves and time passes: what is not done with comes once more, with its count.</summary>
    public async Task FinishAsync()
    {
        while (_members.Count > 0)
        {
            await LeaveAsync(_members[0]);
        }

        harness.Clock.Advance(TimeSpan.FromHours(2));
        await JoinAsync();
        while (_open.Count > 0)
        {
            Read(_members[0], 10);
        }

        Assert.Empty(_members[0].Subscriber.ReadOnce());
    }

    private async Task PublishAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _open[_published++] = (Now, 0, null);
        }

        await harness.PublishAsync(count);
    }

    private async Task JoinAsync()
    {
        var before = isConsumer ? _members.SingleOrDefault() : null;
        var member = new Member(isConsumer ? await harness.OpenAsync() : await harness.JoinAsync());
        if (before is not null)
        {
            Assert.Equal(before.Held, before.Subscriber.Probe.Lost);
            GiveBack(before);
        }

        _members.Add(member);
    }

    private async Task LeaveAsync(Member member)
    {
        await member.Subscriber.DisposeAsync();
        GiveBack(member);
    }

    private void GiveBack(Member member)
    {
        foreach (var delivery in member.Held)
        {
            _open[Harness.Number(delivery)] = (Now, delivery.RetryCount + 1, null);
        }

        _members.Remove(member);
    }

    private void Read(Member member, int count)
    {
        member.IsDemanding = false;
        var read = member.Subscriber.ReadOnce(count);
        foreach (var delivery in read)
        {
            Assert.True(_open.Remove(Harness.Number(delivery), out var expected), "it was held by somebody, or done with");
            Assert.Equal(expected.Count, delivery.RetryCount);
            Assert.True(expected.Due <= Now, "it came before its time");
            Assert.Equal(0, delivery.Missed);
            member.Held.Add(delivery);
        }

        if (read.Count < count)
        {
            Assert.False(HasWorkFor(member), "it got less than there is");
        }
    }

    private async Task SettleAsync(Member member, Delivery delivery, byte how)
    {
        member.Held.Remove(delivery);
        if (how % 3 == 0)
        {
            Assert.Equal([SettlementOutcome.Done], await member.Subscriber.CompleteAsync(delivery));
            return;
        }

        var reason = Reasons[how % Reasons.Length];
        var delay = Delays[how % Delays.Length];
        var count = delivery.RetryCount + (reason == SettlementReason.NeverSent ? 0 : 1);
        _open[Harness.Number(delivery)] = (Now + delay, count, reason == SettlementReason.DeadlinePassed ? member : null);
        Assert.Equal(SettlementOutcome.Done, await member.Subscriber.ReleaseAsync(delivery, delay, reason));
    }

    // Nobody waits for a signal while there is something to read, unless somebody else was signalled and has not come yet.
    private void CheckSignals()
    {
        var waiting = _members.Where(static m => m.IsDemanding && !m.IsSignalled).ToList();
        if (waiting.Any(HasWorkFor))
        {
            Assert.Contains(_members, static m => m.IsDemanding && m.IsSignalled);
        }
    }

    private bool HasWorkFor(Member member)
    {
        // Only while another one is free, what a member let expire is kept from it, with what stands behind it.
        var others = _members.Any(m => m != member && m.IsDemanding);
        var due = _open.Values.Where(o => o.Due <= Now).ToList();
        return due.Count > 0 && !(others && due.Exists(o => o.ExpiredWith == member));
    }

    private sealed class Member(TestSubscriber subscriber)
    {
        public TestSubscriber Subscriber { get; } = subscriber;

        public List<Delivery> Held { get; } = [];

        public bool IsDemanding { get; set; }

        public int SignalsBefore { get; set; }

        public bool IsSignalled => Subscriber.Probe.Count > SignalsBefore;
    }
}
