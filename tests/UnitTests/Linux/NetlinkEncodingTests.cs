using System.Net;
using System.Runtime.CompilerServices;
using Linux;

namespace UnitTests.Linux;

public class NetlinkEncodingTests
{
    [Fact]
    public void What_is_written_is_what_is_read()
    {
        var bytes = new NetlinkRequest()
            .Message(LibC.RTM_NEWLINK, LibC.NLM_F_CREATE, new LibC.ifinfomsg { ifi_index = 5 }, "first")
            .Attribute(LibC.IFLA_IFNAME, "na0").Nested(LibC.IFLA_LINKINFO, info => info.Attribute(LibC.IFLA_INFO_KIND, "bridge"))
            .Message(LibC.RTM_NEWADDR, 0, new LibC.ifaddrmsg { ifa_index = 7 }, "second").Attribute(LibC.IFA_LOCAL, IPAddress.Parse("10.0.0.1"))
            .Finish(firstSequence: 40);
        var messages = NetlinkMessage.ReadAll(bytes);
        Assert.Equal([40u, 41u], messages.Select(message => message.Header.nlmsg_seq));
        Assert.Equal([LibC.RTM_NEWLINK, LibC.RTM_NEWADDR], messages.Select(message => message.Type));
        Assert.Equal(LibC.NLM_F_REQUEST | LibC.NLM_F_CREATE, messages[0].Header.nlmsg_flags);
        Assert.Equal(5, messages[0].Body<LibC.ifinfomsg>().ifi_index);
        Assert.Equal("na0", messages[0].Attributes<LibC.ifinfomsg>().Text(LibC.IFLA_IFNAME));
        Assert.Equal("bridge", messages[0].Attributes<LibC.ifinfomsg>().Nested(LibC.IFLA_LINKINFO)?.Text(LibC.IFLA_INFO_KIND));
        Assert.Equal(IPAddress.Parse("10.0.0.1"), messages[1].Attributes<LibC.ifaddrmsg>().Address(LibC.IFA_LOCAL));
    }

    [Fact]
    public void Every_part_is_padded_to_four_bytes()
    {
        var bytes = new NetlinkRequest().Message(LibC.RTM_NEWLINK, 0, new LibC.ifinfomsg(), "one").Attribute(LibC.IFLA_IFNAME, "ab").Finish(1);
        Assert.Equal(Unsafe.SizeOf<LibC.nlmsghdr>() + Unsafe.SizeOf<LibC.ifinfomsg>() + 8, bytes.Length);
    }

    [Fact]
    public void A_length_past_the_end_is_refused()
    {
        var bytes = new NetlinkRequest().Message(LibC.RTM_NEWLINK, 0, new LibC.ifinfomsg(), "one").Finish(1).ToArray();
        bytes[0]++;
        Assert.Throws<InvalidDataException>(() => NetlinkMessage.ReadAll(bytes));
    }

    [Fact]
    public void A_broken_attribute_ends_the_attributes_and_harms_nothing()
    {
        var random = new Random(7310);
        var bytes = new NetlinkRequest().Message(LibC.RTM_NEWLINK, 0, new LibC.ifinfomsg(), "one").Attribute(LibC.IFLA_IFNAME, new byte[200]).Finish(1).ToArray();
        for (var round = 0; round < 1000; round++)
        {
            random.NextBytes(bytes.AsSpan(Unsafe.SizeOf<LibC.nlmsghdr>()));
            foreach (var message in NetlinkMessage.ReadAll(bytes)) message.Attributes<LibC.ifinfomsg>().Has(LibC.IFLA_IFNAME);
        }
    }
}
