using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports;

public sealed class PublishBatchTests
{
    [Fact]
    public void What_is_not_noted_counts_as_published_nobody_knows_where()
    {
        var batch = Of(2);
        Assert.Null(batch.GetFailure(0));
        Assert.Equal(default, batch.GetReceipt(1).Position);
        Assert.False(batch.GetReceipt(1).IsDuplicate);
    }

    [Fact]
    public void Each_message_has_its_own_answer()
    {
        var batch = Of(3);
        var failure = new BrokerException(BrokerErrorCode.ResourceExhausted, "no room");
        batch.Accept(0, new PublishReceipt { Position = new Position(0, 7) });
        batch.Fail(1, failure);
        batch.Accept(2, new PublishReceipt { Position = new Position(0, 7), IsDuplicate = true });
        Assert.Equal(new Position(0, 7), batch.GetReceipt(0).Position);
        Assert.Same(failure, batch.GetFailure(1));
        Assert.True(batch.GetReceipt(2).IsDuplicate);
        Assert.Null(batch.GetFailure(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Accept(3, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Fail(-1, failure));
    }

    [Fact]
    public void A_batch_that_is_used_again_has_forgotten_everything()
    {
        var batch = Of(1);
        batch.Fail(0, BrokerErrors.EventNotRegistered());
        batch.Clear();
        Assert.Equal(0, batch.Count);
        batch.Add(default);
        batch.Add(default);
        Assert.Null(batch.GetFailure(0));
        batch.Accept(1, new PublishReceipt { IsDuplicate = true });
        Assert.False(batch.GetReceipt(0).IsDuplicate);
    }

    private static PublishBatch Of(int count)
    {
        var batch = new PublishBatch();
        for (var i = 0; i < count; i++)
        {
            batch.Add(default);
        }

        return batch;
    }
}
