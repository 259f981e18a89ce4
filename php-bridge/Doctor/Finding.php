<?php

declare(strict_types=1);

namespace Revurb\Doctor;

use Closure;

/**
 * What one check has found: what it looked at, and where something is wrong, what that is and the line to change.
 */
final readonly class Finding
{
    private function __construct(
        public Status $status,
        public Code $code,
        public string $seen,
        public ?string $fault = null,
        public ?string $fix = null,
    ) {}

    public static function ok(string $seen, Code $code = Code::Ok): self
    {
        return new self(Status::Ok, $code, $seen);
    }

    /** It works, on most machines of its kind no better. */
    public static function hint(Code $code, string $seen, string $fault, string $fix): self
    {
        return new self(Status::Hint, $code, $seen, $fault, $fix);
    }

    /** It works, and may not for long, or not for everybody. */
    public static function warning(Code $code, string $seen, string $fault, string $fix): self
    {
        return new self(Status::Warning, $code, $seen, $fault, $fix);
    }

    public static function problem(Code $code, string $seen, string $fault, string $fix): self
    {
        return new self(Status::Problem, $code, $seen, $fault, $fix);
    }

    /** In one sentence, for programs. */
    public function detail(): string
    {
        return $this->fault === null ? $this->seen : "{$this->seen}: {$this->fault}";
    }

    /** @param  Closure(string): string  $change  applied to every text in it */
    public function map(Closure $change): self
    {
        return new self(
            $this->status,
            $this->code,
            $change($this->seen),
            $this->fault === null ? null : $change($this->fault),
            $this->fix === null ? null : $change($this->fix),
        );
    }
}
