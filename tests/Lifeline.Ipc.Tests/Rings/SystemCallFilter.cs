using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Lifeline.Ipc.Tests.Rings;

/// <summary>Takes system calls away from this process for good, as a sandbox does: they fail with EPERM.</summary>
internal static unsafe partial class SystemCallFilter
{
    private const int SetNoNewPrivileges = 38;
    private const uint SetModeFilter = 1;
    private const uint AllThreads = 1;
    private const uint Allow = 0x7FFF_0000;
    private const uint FailWithPermission = 0x0005_0001;

    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;
    private const uint NumberOffset = 0;
    private const uint SecondArgumentOffset = 24;

    private const uint AddSeals = 1033;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>No memory files.</summary>
    internal static void RefuseMemoryFiles() => Install(
    [
        new(LoadWord, 0, 0, NumberOffset),
        new(JumpIfEqual, 0, 1, IsArm ? 279u : 319u),
        new(Return, 0, 0, FailWithPermission),
        new(Return, 0, 0, Allow),
    ]);

    /// <summary>Memory files, but no seals.</summary>
    internal static void RefuseSeals() => Install(
    [
        new(LoadWord, 0, 0, NumberOffset),
        new(JumpIfEqual, 0, 3, IsArm ? 25u : 72u),
        new(LoadWord, 0, 0, SecondArgumentOffset),
        new(JumpIfEqual, 0, 1, AddSeals),
        new(Return, 0, 0, FailWithPermission),
        new(Return, 0, 0, Allow),
    ]);

    private static void Install(ReadOnlySpan<Instruction> instructions)
    {
        fixed (Instruction* start = instructions)
        {
            var program = new FilterProgram { Length = (ushort)instructions.Length, Start = start };
            long call = IsArm ? 277 : 317;
            if (prctl(SetNoNewPrivileges, 1, 0, 0, 0) != 0 || syscall(call, SetModeFilter, AllThreads, (nint)(&program)) != 0)
                throw new Win32Exception();
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, nuint first, nuint second, nint third);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);

    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        internal ushort Length;
        internal Instruction* Start;
    }
}
