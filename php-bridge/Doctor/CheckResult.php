<?php

declare(strict_types=1);

namespace Revurb\Doctor;

use Closure;

/**
 * The result of one check: what it has checked, and if something is wrong, what that is and how to fix it.
 */
final readonly class CheckResult
{
    private function __construct(
        public Status $status,
        public Code $code,
        public string $subject,
        public ?string $problem = null,
        public ?string $fix = null,
    ) {}

    public static function ok(string $subject, Code $code = Code::Ok): self
    {
        return new self(Status::Ok, $code, $subject);
    }

    /** A recommendation; the application works, as on most machines of its kind. */
    public static function hint(Code $code, string $subject, string $problem, string $fix): self
    {
        return new self(Status::Hint, $code, $subject, $problem, $fix);
    }

    /** The application works, but is at risk, or does not work for every client. */
    public static function warning(Code $code, string $subject, string $problem, string $fix): self
    {
        return new self(Status::Warning, $code, $subject, $problem, $fix);
    }

    public static function problem(Code $code, string $subject, string $problem, string $fix): self
    {
        return new self(Status::Problem, $code, $subject, $problem, $fix);
    }

    /** Another program has the server's port: its responses, and those of a proxy in front of it, say nothing about the server. */
    public static function hiddenByPort(string $subject): self
    {
        return self::hint(Code::NotJudged, $subject, 'Not judged: another program has the port of the server.', 'See port.');
    }

    /** Subject and problem in one sentence, for programs. */
    public function detail(): string
    {
        return $this->problem === null ? $this->subject : "{$this->subject}: {$this->problem}";
    }

    /** @param  Closure(string): string  $change  applied to every text in it */
    public function map(Closure $change): self
    {
        return new self(
            $this->status,
            $this->code,
            $change($this->subject),
            $this->problem === null ? null : $change($this->problem),
            $this->fix === null ? null : $change($this->fix),
        );
    }
}
