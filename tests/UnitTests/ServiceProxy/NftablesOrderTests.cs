using Linux;
using NodeAgent.ServiceProxy.NftablesMode;

namespace UnitTests.ServiceProxy;

/// <summary>Which index an endpoint has, and which class a number of them.</summary>
public class NftablesOrderTests
{
    private static NftablesValue[] Values(string letters) => [.. letters.Select(letter => NftablesValue.Of(letter))];

    [Theory]
    [InlineData("", "abc", "abc")]
    [InlineData("abc", "abc", "abc")]
    [InlineData("cab", "abc", "cab")] // no order is better than another
    [InlineData("abc", "abcd", "abcd")]
    [InlineData("abcd", "bcd", "dbc")]
    [InlineData("abcd", "abc", "abc")]
    [InlineData("abcd", "xbcd", "xbcd")]
    [InlineData("abcd", "d", "d")]
    [InlineData("abcdef", "bef", "fbe")]
    [InlineData("abcd", "xy", "xy")]
    [InlineData("abc", "", "")]
    public void As_few_as_possible_change_their_place(string before, string wanted, string after) => Assert.Equal(Values(after), EndpointOrder.Next(Values(before), Values(wanted)));

    [Fact]
    public void Whatever_comes_and_goes_all_are_there_once_and_only_what_has_to_moves()
    {
        var random = new Random(3);
        NftablesValue[] order = [];
        for (var step = 0; step < 2000; step++)
        {
            var wanted = Enumerable.Range(0, 40).Where(_ => random.Next(3) > 0).Select(i => NftablesValue.Of((uint)i)).ToArray();
            var next = EndpointOrder.Next(order, wanted);
            Assert.Equal(wanted.Select(value => value[0]).Order(), next.Select(value => value[0]).Order());
            var (gone, common) = (order.Except(wanted).Count(), Math.Min(order.Length, next.Length));
            Assert.True(Enumerable.Range(0, common).Count(i => order[i] != next[i]) <= gone);
            order = next;
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 8)]
    [InlineData(9, 16)]
    [InlineData(16, 16)]
    [InlineData(17, 32)]
    [InlineData(1000, 1024)]
    public void A_class_has_room_for_all_and_is_half_full_at_least(int endpoints, int size)
    {
        Assert.Equal(size, EndpointClass.Of(endpoints));
        Assert.True(endpoints > size / 2);
    }

    [Theory]
    [InlineData(3, "3 3 1")]
    [InlineData(16, "16 16 16 16 16 16 8 1")]
    public void An_index_that_is_missing_is_drawn_again_and_at_last_one_that_is_there(int size, string draws) =>
        Assert.Equal(draws.Split(' ').Select(among => $"dnat ip to meta l4proto . th dport . numgen random mod {among} offset 2147483648 map @np-endpoints"),
            EndpointClass.Rules(FrontendForm.NodePort, local: true, size).Select(rule => rule.ToString()));
}
