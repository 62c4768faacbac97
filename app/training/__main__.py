"""`python -m app.training`; see `app.training.course`, where worker processes can find it."""

from app.training.course import main

if __name__ == "__main__":
    main()
