using System.Security.Cryptography;
using System.Text;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>Names of chains that belong to something with a longer name.</summary>
internal static class ChainName
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>A chain's name has at most 28 characters; 16 of base32 are 80 bits of a hash over what it stands for.</summary>
    public static string Of(string prefix, string identity)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(identity), hash);
        Span<char> name = stackalloc char[16];
        for (var i = 0; i < name.Length; i++) name[i] = Base32[hash[i] & 31];
        return string.Concat(prefix, name);
    }
}
